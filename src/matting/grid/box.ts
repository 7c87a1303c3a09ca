import { type Region, wholeGrid } from './region.ts';

/**
 * Sums over squares of side `2 radius + 1`, edges repeated. Integers throughout, so a uniform area
 * sums exactly and nothing drifts below zero as floating-point running sums do.
 *
 * @param region outside of which nothing is read or written; its edges are repeated too
 */
export type BoxSum = (source: Uint8Array, radius: number, region?: Region) => Int32Array;

/** A box filter with its own scratch memory; the returned array is overwritten by the next call. */
export function createBoxSum(width: number, height: number): BoxSum {
  const rows = new Int32Array(width * height);
  const sums = new Int32Array(width * height);
  const column = new Int32Array(width);
  const whole = wholeGrid(width, height);

  function sumRow(source: Uint8Array, start: number, end: number, radius: number): void {
    const last = end - 1;
    let sum = source[start]! * radius;
    for (let i = start; i <= start + radius; i++) sum += source[i < last ? i : last]!;
    const inner = Math.min(end, start + radius);
    const outer = Math.max(inner, last - radius);
    let i = start;
    for (; i < inner; i++) {
      rows[i] = sum;
      const enters = i + radius + 1;
      sum += source[enters < last ? enters : last]! - source[start]!;
    }
    for (; i < outer; i++) {
      rows[i] = sum;
      sum += source[i + radius + 1]! - source[i - radius]!;
    }
    for (; i < end; i++) {
      rows[i] = sum;
      sum += source[last]! - source[i - radius]!;
    }
  }

  return (source, radius, { left, top, right, bottom } = whole) => {
    if (right <= left || bottom <= top) return sums;
    for (let y = top; y < bottom; y++) sumRow(source, y * width + left, y * width + right, radius);
    const first = top * width;
    for (let x = left; x < right; x++) column[x] = rows[first + x]! * radius;
    for (let y = top; y <= top + radius; y++) {
      const start = Math.min(y, bottom - 1) * width;
      for (let x = left; x < right; x++) column[x] = column[x]! + rows[start + x]!;
    }
    for (let y = top; y < bottom; y++) {
      const start = y * width;
      const enters = Math.min(y + radius + 1, bottom - 1) * width;
      const leaves = Math.max(y - radius, top) * width;
      for (let x = left; x < right; x++) {
        const sum = column[x]!;
        sums[start + x] = sum;
        column[x] = sum + rows[enters + x]! - rows[leaves + x]!;
      }
    }
    return sums;
  };
}
