import { half } from './frame.ts';
import { type Region, wholeGrid } from './region.ts';

interface Level {
  readonly width: number;
  readonly height: number;
  /** 0..1 for each cell: how well its value is known. */
  readonly weight: Float32Array;
  readonly channels: readonly [Float32Array, Float32Array, Float32Array];
}

/**
 * Spreads three channels of scattered values over the whole picture, smoothly: a pyramid of
 * averages is built up (push) and the gaps are filled from its coarser levels (pull).
 */
export interface PushPull {
  /** Forgets everything. */
  clear(): void;
  /** Adds a value known at a cell of the grid. */
  add(column: number, row: number, a: number, b: number, c: number): void;
  /**
   * Fills the gaps; call once after the last `add`. Without any value everything is zero.
   *
   * @param region of the grid, which holds all that was added and all that will be sampled
   */
  spread(region?: Region): void;
  /** Writes the three values at a cell of the grid into `out`. */
  sample(column: number, row: number, out: Float32Array): void;
}

/**
 * The finest level has half the resolution of the grid: what is spread is smooth, and a quarter of
 * the cells is a quarter of the time.
 */
export function createPushPull(gridWidth: number, gridHeight: number): PushPull {
  const levels: Level[] = [];
  let width = gridWidth;
  let height = gridHeight;
  do {
    width = half(width);
    height = half(height);
    const plane = (): Float32Array => new Float32Array(width * height);
    levels.push({ width, height, weight: plane(), channels: [plane(), plane(), plane()] });
  } while (width > 1 || height > 1);
  const finest = levels[0]!;
  const [first, second, third] = finest.channels;

  return {
    clear() {
      for (const { weight, channels } of levels) {
        weight.fill(0);
        for (const channel of channels) channel.fill(0);
      }
    },
    add(column, row, a, b, c) {
      const i = (row >> 1) * finest.width + (column >> 1);
      finest.weight[i] = finest.weight[i]! + 1;
      first[i] = first[i]! + a;
      second[i] = second[i]! + b;
      third[i] = third[i]! + c;
    },
    spread(region = wholeGrid(gridWidth, gridHeight)) {
      let part = region;
      const parts = levels.map((level) => (part = coarser(part, level)));
      normalise(finest);
      for (let n = 1; n < levels.length; n++) push(levels[n - 1]!, levels[n]!, parts[n - 1]!);
      for (let n = levels.length - 1; n > 0; n--) pull(levels[n]!, levels[n - 1]!, parts[n - 1]!);
    },
    sample(column, row, out) {
      // Cell centres: a cell of the grid lies a quarter of a coarse cell off the coarse centre.
      bilinear(finest, (column - 0.5) / 2, (row - 0.5) / 2, out);
    },
  };
}

/** Turns sums into means and counts into weights. */
function normalise({ weight, channels: [a, b, c] }: Level): void {
  for (let i = 0; i < weight.length; i++) {
    const sum = weight[i]!;
    if (sum === 0) continue;
    a[i] = a[i]! / sum;
    b[i] = b[i]! / sum;
    c[i] = c[i]! / sum;
    weight[i] = 1;
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

function push(fine: Level, coarse: Level, part: Region): void {
  const [a, b, c] = fine.channels;
  const [coarseA, coarseB, coarseC] = coarse.channels;
  for (let row = part.top; row < part.bottom; row++) {
    const start = (row >> 1) * coarse.width;
    let i = row * fine.width + part.left;
    for (let column = part.left; column < part.right; column++, i++) {
      const weight = fine.weight[i]!;
      if (weight === 0) continue;
      const o = start + (column >> 1);
      coarse.weight[o] = coarse.weight[o]! + weight;
      coarseA[o] = coarseA[o]! + weight * a[i]!;
      coarseB[o] = coarseB[o]! + weight * b[i]!;
      coarseC[o] = coarseC[o]! + weight * c[i]!;
    }
  }
  for (let o = 0; o < coarse.weight.length; o++) {
    const sum = coarse.weight[o]!;
    if (sum === 0) continue;
    coarseA[o] = coarseA[o]! / sum;
    coarseB[o] = coarseB[o]! / sum;
    coarseC[o] = coarseC[o]! / sum;
    coarse.weight[o] = Math.min(1, sum);
  }
}

const pulled = new Float32Array(3);

function pull(coarse: Level, fine: Level, part: Region): void {
  const [a, b, c] = fine.channels;
  for (let row = part.top; row < part.bottom; row++) {
    let i = row * fine.width + part.left;
    for (let column = part.left; column < part.right; column++, i++) {
      const weight = fine.weight[i]!;
      if (weight >= 1) continue;
      bilinear(coarse, (column - 0.5) / 2, (row - 0.5) / 2, pulled);
      a[i] = weight * a[i]! + (1 - weight) * pulled[0]!;
      b[i] = weight * b[i]! + (1 - weight) * pulled[1]!;
      c[i] = weight * c[i]! + (1 - weight) * pulled[2]!;
    }
  }
}

function bilinear(level: Level, x: number, y: number, out: Float32Array): void {
  const right = level.width - 1;
  const bottom = level.height - 1;
  const clampedX = x < 0 ? 0 : x > right ? right : x;
  const clampedY = y < 0 ? 0 : y > bottom ? bottom : y;
  const x0 = clampedX | 0;
  const y0 = clampedY | 0;
  const fx = clampedX - x0;
  const fy = clampedY - y0;
  const topLeft = y0 * level.width + x0;
  const topRight = x0 < right ? topLeft + 1 : topLeft;
  const down = y0 < bottom ? level.width : 0;
  const w00 = (1 - fx) * (1 - fy);
  const w10 = fx * (1 - fy);
  const w01 = (1 - fx) * fy;
  const w11 = fx * fy;
  const [a, b, c] = level.channels;
  out[0] =
    w00 * a[topLeft]! + w10 * a[topRight]! + w01 * a[topLeft + down]! + w11 * a[topRight + down]!;
  out[1] =
    w00 * b[topLeft]! + w10 * b[topRight]! + w01 * b[topLeft + down]! + w11 * b[topRight + down]!;
  out[2] =
    w00 * c[topLeft]! + w10 * c[topRight]! + w01 * c[topLeft + down]! + w11 * c[topRight + down]!;
}
