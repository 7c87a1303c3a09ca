import { clearRoom, kernels, putRegion, putRows, room, takeRows } from '../kernels/kernels.ts';
import { isEmpty, type Region, wholeGrid } from './region.ts';

/**
 * Sums over squares of side `2 radius + 1`, edges repeated. Integers throughout, so a uniform area
 * sums exactly and nothing drifts below zero as floating-point running sums do.
 *
 * @param radius at most 128
 * @param region of which the sums are wanted; its edges are repeated too
 */
export type BoxSum = (source: Uint8Array, radius: number, region?: Region) => Int32Array;

/** A box filter; the returned array is overwritten by the next call. */
export function createBoxSum(width: number, height: number): BoxSum {
  const sums = new Int32Array(width * height);
  const whole = wholeGrid(width, height);
  return (source, radius, region = whole) => {
    if (isEmpty(region)) return sums;
    clearRoom();
    const rows = { ...region, stride: width };
    const from = putRows(source, rows);
    const to = room(sums.byteLength);
    const own = room(6 * (width + 2 * radius + 40));
    kernels.boxSum(from, width, putRegion(region), radius, to, own);
    takeRows(to, sums, rows);
    return sums;
  };
}
