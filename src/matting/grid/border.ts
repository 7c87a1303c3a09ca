/**
 * Whether a pixel lies where a subject seldom is: the top tenth and 7 % left and right, but not
 * the lowest 8 %, where feet and floors are.
 */
export function isBorder(x: number, y: number, width: number, height: number): boolean {
  if (y >= height * 0.92) return false;
  return y < height * 0.1 || x < width * 0.07 || x >= width * 0.93;
}
