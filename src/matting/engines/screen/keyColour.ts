import { isBorder } from '../../grid/border.ts';
import type { Frame } from '../../grid/frame.ts';

/** The colour of a screen as a direction in chroma, relative to grey. */
export interface KeyColour {
  readonly u: number;
  readonly v: number;
  /** Share of the border ring that has this colour, 0..1. */
  readonly ringShare: number;
}

const BINS = 64;
const BIN_LEVELS = 256 / BINS;

/**
 * Finds the commonest chroma along the border of the picture, where a screen shows and a subject
 * seldom.
 *
 * @param frames 4:4:4
 */
export function findKeyColour(frames: readonly Frame[]): KeyColour {
  const { width, height } = frames[0]!;
  const ring = ringPixels(width, height);
  const histogram = new Float64Array(BINS * BINS);
  for (const { u, v } of frames) {
    for (const i of ring) {
      const bin = ((u[i]! / BIN_LEVELS) | 0) * BINS + ((v[i]! / BIN_LEVELS) | 0);
      histogram[bin] = histogram[bin]! + 1;
    }
  }
  let [u, v] = peak(histogram);
  for (let step = 0; step < 4; step++) [u, v] = meanShift(histogram, u, v);
  u -= 128;
  v -= 128;
  let keyed = 0;
  for (const frame of frames) {
    for (const i of ring) if (isKeyLike(frame.u[i]! - 128, frame.v[i]! - 128, u, v)) keyed++;
  }
  return { u, v, ringShare: keyed / (frames.length * ring.length) };
}

/** Whether a chroma lies along the key: neither much weaker nor stronger, and hardly beside it. */
export function isKeyLike(u: number, v: number, keyU: number, keyV: number): boolean {
  const square = keyU * keyU + keyV * keyV;
  if (square === 0) return false;
  const along = (u * keyU + v * keyV) / square;
  const beside = Math.abs(u * keyV - v * keyU) / square;
  return along > 0.45 && along < 1.7 && beside < 0.22 * along + 0.05;
}

function ringPixels(width: number, height: number): Int32Array {
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (isBorder(x, y, width, height)) pixels.push(y * width + x);
    }
  }
  return Int32Array.from(pixels);
}

/** The centre of the 3×3 bins that hold most. */
function peak(histogram: Float64Array): [number, number] {
  let best = -1;
  let at = 0;
  for (let i = BINS + 1; i < BINS * (BINS - 1) - 1; i++) {
    let sum = 0;
    for (let row = -BINS; row <= BINS; row += BINS) {
      sum += histogram[i + row - 1]! + histogram[i + row]! + histogram[i + row + 1]!;
    }
    if (sum > best) [best, at] = [sum, i];
  }
  return [centre((at / BINS) | 0), centre(at % BINS)];
}

const SHIFT_RADIUS = 14;

function meanShift(histogram: Float64Array, u: number, v: number): [number, number] {
  let sum = 0;
  let sumU = 0;
  let sumV = 0;
  for (let i = 0; i < histogram.length; i++) {
    const binU = centre((i / BINS) | 0);
    const binV = centre(i % BINS);
    if ((binU - u) ** 2 + (binV - v) ** 2 > SHIFT_RADIUS ** 2) continue;
    sum += histogram[i]!;
    sumU += histogram[i]! * binU;
    sumV += histogram[i]! * binV;
  }
  return sum === 0 ? [u, v] : [sumU / sum, sumV / sum];
}

function centre(bin: number): number {
  return (bin + 0.5) * BIN_LEVELS;
}
