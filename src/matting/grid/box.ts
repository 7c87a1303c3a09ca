/**
 * Sums over squares of side `2 radius + 1`, edges repeated. Integers throughout, so a uniform area
 * sums exactly and nothing drifts below zero as floating-point running sums do.
 */
export type BoxSum = (source: Uint8Array, radius: number) => Int32Array;

/** A box filter with its own scratch memory; the returned array is overwritten by the next call. */
export function createBoxSum(width: number, height: number): BoxSum {
  const rows = new Int32Array(width * height);
  const sums = new Int32Array(width * height);
  const column = new Int32Array(width);
  const right = width - 1;
  const bottom = height - 1;
  return (source, radius) => {
    for (let y = 0; y < height; y++) {
      const start = y * width;
      let sum = source[start]! * radius;
      for (let x = 0; x <= radius; x++) sum += source[start + Math.min(x, right)]!;
      for (let x = 0; x < width; x++) {
        rows[start + x] = sum;
        const enters = x + radius + 1;
        const leaves = x - radius;
        sum += source[start + (enters > right ? right : enters)]!;
        sum -= source[start + (leaves < 0 ? 0 : leaves)]!;
      }
    }
    for (let x = 0; x < width; x++) column[x] = rows[x]! * radius;
    for (let y = 0; y <= radius; y++) {
      const start = Math.min(y, bottom) * width;
      for (let x = 0; x < width; x++) column[x] = column[x]! + rows[start + x]!;
    }
    for (let y = 0; y < height; y++) {
      const start = y * width;
      const enters = Math.min(y + radius + 1, bottom) * width;
      const leaves = Math.max(y - radius, 0) * width;
      for (let x = 0; x < width; x++) {
        const sum = column[x]!;
        sums[start + x] = sum;
        column[x] = sum + rows[enters + x]! - rows[leaves + x]!;
      }
    }
    return sums;
  };
}
