import { half } from './frame.ts';
import { type Region, wholeGrid } from './region.ts';

interface Level {
  readonly width: number;
  readonly height: number;
  /** For each cell how well its values are known, 0..1, and then its values. */
  readonly cells: Float32Array;
}

/**
 * Spreads scattered values over the whole picture, smoothly: a pyramid of averages is built up
 * (push) and the gaps are filled from its coarser levels (pull).
 */
export interface PushPull {
  /** Forgets everything. */
  clear(): void;
  /**
   * Adds what is known at a cell of the grid: as many values as there are channels.
   *
   * @param weight above 0; below 1 for what gives way to what is known better
   */
  add(
    weight: number,
    column: number,
    row: number,
    a: number,
    b: number,
    c?: number,
    d?: number,
  ): void;
  /**
   * Fills the gaps; call once after the last `add`. Without any value everything is zero.
   *
   * @param region of the grid, which holds all that was added and all that will be sampled
   */
  spread(region?: Region): void;
  /** Writes the values at a cell of the grid into `out`. */
  sample(column: number, row: number, out: Float32Array): void;
}

/**
 * The finest level has half the resolution of the grid: what is spread is smooth, and a quarter of
 * the cells is a quarter of the time.
 */
export function createPushPull(
  gridWidth: number,
  gridHeight: number,
  channels: 2 | 3 | 4,
): PushPull {
  const stride = channels + 1;
  const levels: Level[] = [];
  let width = gridWidth;
  let height = gridHeight;
  do {
    width = half(width);
    height = half(height);
    levels.push({ width, height, cells: new Float32Array(width * height * stride) });
  } while (width > 1 || height > 1);
  const finest = levels[0]!;
  const between = new Float32Array(channels);

  return {
    clear() {
      for (const { cells } of levels) cells.fill(0);
    },
    add(weight, column, row, a, b, c = 0, d = 0) {
      const { cells } = finest;
      const i = ((row >> 1) * finest.width + (column >> 1)) * stride;
      cells[i] = cells[i]! + weight;
      cells[i + 1] = cells[i + 1]! + weight * a;
      cells[i + 2] = cells[i + 2]! + weight * b;
      if (channels > 2) cells[i + 3] = cells[i + 3]! + weight * c;
      if (channels > 3) cells[i + 4] = cells[i + 4]! + weight * d;
    },
    spread(region = wholeGrid(gridWidth, gridHeight)) {
      let part = region;
      const parts = levels.map((level) => (part = coarser(part, level)));
      normalise(finest, parts[0]!);
      for (let n = 1; n < levels.length; n++) {
        push(levels[n - 1]!, levels[n]!, parts[n - 1]!);
        normalise(levels[n]!, parts[n]!);
      }
      for (let n = levels.length - 1; n > 0; n--) pull(levels[n]!, levels[n - 1]!, parts[n - 1]!);
    },
    sample(column, row, out) {
      bilinear(finest, column, row, out);
    },
  };

  /** Turns sums into means, and what was added up into how well the mean is known. */
  function normalise({ width, cells }: Level, { left, top, right, bottom }: Region): void {
    for (let row = top; row < bottom; row++) {
      const end = (row * width + right) * stride;
      for (let i = (row * width + left) * stride; i < end; i += stride) {
        const weight = cells[i]!;
        if (weight === 0) continue;
        const share = 1 / weight;
        for (let c = 1; c < stride; c++) cells[i + c] = cells[i + c]! * share;
        if (weight > 1) cells[i] = 1;
      }
    }
  }

  function push(fine: Level, coarse: Level, part: Region): void {
    const from = fine.cells;
    const to = coarse.cells;
    for (let row = part.top; row < part.bottom; row++) {
      const start = (row >> 1) * coarse.width;
      let i = (row * fine.width + part.left) * stride;
      for (let column = part.left; column < part.right; column++, i += stride) {
        const weight = from[i]!;
        if (weight === 0) continue;
        const o = (start + (column >> 1)) * stride;
        to[o] = to[o]! + weight;
        for (let c = 1; c < stride; c++) to[o + c] = to[o + c]! + weight * from[i + c]!;
      }
    }
  }

  function pull(coarse: Level, fine: Level, part: Region): void {
    const { cells } = fine;
    for (let row = part.top; row < part.bottom; row++) {
      let i = (row * fine.width + part.left) * stride;
      for (let column = part.left; column < part.right; column++, i += stride) {
        const weight = cells[i]!;
        if (weight >= 1) continue;
        bilinear(coarse, column, row, between);
        for (let c = 0; c < channels; c++) {
          cells[i + 1 + c] = weight * cells[i + 1 + c]! + (1 - weight) * between[c]!;
        }
      }
    }
  }

  /**
   * Bilinear at a cell of the next finer level. Its centre lies a quarter of a cell off the centre of
   * the one that holds it, so the weights are always three quarters and one.
   */
  function bilinear(
    { width, height, cells }: Level,
    column: number,
    row: number,
    out: Float32Array,
  ): void {
    const x = column >> 1;
    const y = row >> 1;
    const beside = (column & 1) === 1 ? (x + 1 < width ? stride : 0) : x > 0 ? -stride : 0;
    const line = width * stride;
    const across = (row & 1) === 1 ? (y + 1 < height ? line : 0) : y > 0 ? -line : 0;
    const at = y * line + x * stride + 1;
    for (let c = at, n = 0; n < channels; c++, n++) {
      out[n] =
        0.5625 * cells[c]! +
        0.1875 * (cells[c + beside]! + cells[c + across]!) +
        0.0625 * cells[c + beside + across]!;
    }
  }
}

/** The part of a level that has to do with a part of the next finer one, neighbours included. */
function coarser({ left, top, right, bottom }: Region, { width, height }: Level): Region {
  return {
    left: Math.max(0, (left >> 1) - 1),
    top: Math.max(0, (top >> 1) - 1),
    right: Math.min(width, (right >> 1) + 2),
    bottom: Math.min(height, (bottom >> 1) + 2),
  };
}
