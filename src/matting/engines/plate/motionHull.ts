import { createBoxSum } from '../../grid/box.ts';
import { createTidyMask } from '../../grid/components.ts';
import type { Motion } from './motion.ts';

/** Motion that is this much smaller than the largest and lies apart is somebody else's. */
const ISLAND_SHARE = 0.3;
/** Motion closer than this share of the picture's longer side belongs together. */
const REACH = 1 / 24;

/**
 * Draws an outline around all motion, 0 or 1: between the first and the last moving pixel of each
 * row, and nowhere above the first of each column. A subject that stays in place moves at its
 * edges and holds still inside.
 */
export function motionHull({ moved, plate: { width, height } }: Motion): Uint8Array {
  const reach = Math.round(Math.max(width, height) * REACH);
  const near = createBoxSum(width, height)(moved, reach);
  const joined = Uint8Array.from(near, (sum) => (sum > 2 * reach ? 1 : 0));
  createTidyMask(width, height)(joined, { islandShare: ISLAND_SHARE, holePixels: 0 });
  const main = moved.map((is, i) => is & joined[i]!);

  const top = new Int32Array(width).fill(height);
  const left = new Int32Array(height).fill(width);
  const right = new Int32Array(height).fill(-1);
  for (let y = height - 1, i = main.length - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--, i--) {
      if (main[i] === 0) continue;
      top[x] = y;
      left[y] = x;
      right[y] = Math.max(right[y]!, x);
    }
  }
  const widest = (values: Int32Array, at: number, pick: (...of: number[]) => number): number =>
    pick(...values.subarray(Math.max(0, at - reach), at + reach + 1));
  const highest = top.map((_, x) => widest(top, x, Math.min));
  const hull = new Uint8Array(moved.length);
  for (let y = 0; y < height; y++) {
    const from = widest(left, y, Math.min);
    const to = widest(right, y, Math.max);
    for (let x = from; x <= to; x++) if (y >= highest[x]!) hull[y * width + x] = 1;
  }
  return hull;
}
