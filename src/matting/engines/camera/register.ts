import { half, halveLuma } from '../../grid/frame.ts';
import { type Affine, compose, invert, rescale } from './affine.ts';

/**
 * Finds how the camera has moved since the reference.
 *
 * @param luma of the reference's size
 * @param from where to begin: the answer for the frame before
 * @returns for each pixel of the reference its place in the picture
 */
export type Register = (luma: Uint8Array, from: Affine) => Affine;

interface Level {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
}

const LEVELS = 3;
const STEPS = 8;
/** Movements below this, in pixels, are the end of the search. */
const STILL = 0.003;
/** Differences beyond so many typical ones are something else than the background. */
const TUKEY = 4;
const LEAST_SCALE = 3;

/**
 * Robust affine alignment, coarse to fine: inverse compositional ("Lucas-Kanade 20 years on", Baker
 * and Matthews, 2004) with Tukey's weights, so that a subject that moves otherwise does not count.
 */
export function createRegister(luma: Uint8Array, width: number, height: number): Register {
  const templates = pyramid(luma, width, height).map(createStep);
  return (picture, from) => {
    const levels = pyramid(picture, width, height);
    let affine = from;
    for (let n = LEVELS - 1; n >= 0; n--) {
      const level = levels[n]!;
      const across = width / level.width;
      const down = height / level.height;
      let there = rescale(affine, 1 / across, 1 / down);
      for (let step = 0; step < STEPS; step++) {
        const move = templates[n]!(level.luma, there);
        if (move === undefined) return from;
        there = compose(there, invert(move));
        if (Math.hypot(move[4] + move[0] - 1, move[5] + move[3] - 1) < STILL) break;
      }
      affine = rescale(there, across, down);
    }
    return affine;
  };
}

function pyramid(luma: Uint8Array, width: number, height: number): Level[] {
  const levels: Level[] = [{ luma, width, height }];
  while (levels.length < LEVELS) {
    const last = levels.at(-1)!;
    const small = new Uint8Array(half(last.width) * half(last.height));
    halveLuma(last.luma, last.width, last.height, small);
    levels.push({ luma: small, width: half(last.width), height: half(last.height) });
  }
  return levels;
}

/** One step of the search on one level; `undefined` when the picture gives nothing to hold on to. */
function createStep({
  luma,
  width,
  height,
}: Level): (picture: Uint8Array, affine: Affine) => Affine | undefined {
  const error = new Float32Array(width * height);
  const centreX = width / 2;
  const centreY = height / 2;
  const toCentre: Affine = [1, 0, 0, 1, centreX, centreY];
  const fromCentre: Affine = [1, 0, 0, 1, -centreX, -centreY];
  const histogram = new Int32Array(256);

  return (picture, affine) => {
    const [a, b, c, d, e, f] = affine;
    histogram.fill(0);
    let count = 0;
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const i = y * width + x;
        const px = a * x + c * y + e;
        const py = b * x + d * y + f;
        if (px < 0 || py < 0 || px >= width - 1 || py >= height - 1) {
          error[i] = NaN;
          continue;
        }
        const p = (py | 0) * width + (px | 0);
        const fx = px - (px | 0);
        const fy = py - (py | 0);
        const upper = picture[p]! * (1 - fx) + picture[p + 1]! * fx;
        const lower = picture[p + width]! * (1 - fx) + picture[p + width + 1]! * fx;
        const value = upper * (1 - fy) + lower * fy - luma[i]!;
        error[i] = value;
        const bin = Math.abs(value) | 0;
        histogram[bin] = histogram[bin]! + 1;
        count++;
      }
    }
    if (count === 0) return undefined;
    const limit = TUKEY * Math.max(LEAST_SCALE, medianBin(histogram, count));
    const normal = new Float64Array(36);
    const right = new Float64Array(6);
    const s = new Float64Array(6);
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const i = y * width + x;
        const value = error[i]!;
        // Written so that `NaN` is left out too.
        if (!(Math.abs(value) < limit)) continue;
        const weight = (1 - (value / limit) ** 2) ** 2;
        const gx = (luma[i + 1]! - luma[i - 1]!) / 2;
        const gy = (luma[i + width]! - luma[i - width]!) / 2;
        const dx = x - centreX;
        const dy = y - centreY;
        s[0] = gx * dx;
        s[1] = gy * dx;
        s[2] = gx * dy;
        s[3] = gy * dy;
        s[4] = gx;
        s[5] = gy;
        for (let row = 0; row < 6; row++) {
          const weighted = weight * s[row]!;
          right[row] = right[row]! + weighted * value;
          for (let column = row; column < 6; column++) {
            normal[6 * row + column] = normal[6 * row + column]! + weighted * s[column]!;
          }
        }
      }
    }
    const move = solve(normal, right);
    if (move === undefined) return undefined;
    const [m0, m1, m2, m3, m4, m5] = move;
    const about: Affine = [1 + m0!, m1!, m2!, 1 + m3!, m4!, m5!];
    return compose(toCentre, compose(about, fromCentre));
  };
}

function medianBin(histogram: Int32Array, count: number): number {
  let bin = 0;
  for (let sum = histogram[0]!; 2 * sum < count; sum += histogram[bin]!) bin++;
  return bin;
}

/** Solves six symmetric equations, of which the upper half is given, by Cholesky's method. */
function solve(upper: Float64Array, right: Float64Array): Float64Array | undefined {
  const lower = new Float64Array(36);
  const out = right.slice();
  for (let j = 0; j < 6; j++) {
    for (let i = j; i < 6; i++) {
      let sum = upper[6 * j + i]!;
      for (let k = 0; k < j; k++) sum -= lower[6 * i + k]! * lower[6 * j + k]!;
      if (i === j && !(sum > 1e-6)) return undefined;
      lower[6 * i + j] = i === j ? Math.sqrt(sum) : sum / lower[6 * j + j]!;
    }
  }
  for (let i = 0; i < 6; i++) {
    for (let k = 0; k < i; k++) out[i] = out[i]! - lower[6 * i + k]! * out[k]!;
    out[i] = out[i]! / lower[6 * i + i]!;
  }
  for (let i = 5; i >= 0; i--) {
    for (let k = i + 1; k < 6; k++) out[i] = out[i]! - lower[6 * k + i]! * out[k]!;
    out[i] = out[i]! / lower[6 * i + i]!;
  }
  return out;
}
