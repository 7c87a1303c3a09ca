import { half } from '../grid/frame.ts';

/**
 * The four values, times 16, that a pixel of the half grid gives the pixels of its 2×2 block:
 * top left, top right, bottom left, bottom right. Bilinear, edges repeated.
 */
export function quadrants(
  grid: Uint8Array,
  width: number,
  height: number,
  column: number,
  row: number,
  out: Int32Array,
): void {
  const i = row * width + column;
  const left = column > 0 ? -1 : 0;
  const right = column < width - 1 ? 1 : 0;
  const up = row > 0 ? -width : 0;
  const down = row < height - 1 ? width : 0;
  const centre = 9 * grid[i]!;
  const l = 3 * grid[i + left]!;
  const r = 3 * grid[i + right]!;
  const u = 3 * grid[i + up]!;
  const d = 3 * grid[i + down]!;
  out[0] = centre + l + u + grid[i + up + left]!;
  out[1] = centre + r + u + grid[i + up + right]!;
  out[2] = centre + l + d + grid[i + down + left]!;
  out[3] = centre + r + d + grid[i + down + right]!;
}

/** Doubles a grid on the chroma grid to the full picture, bilinear. */
export function upsample(grid: Uint8Array, out: Uint8Array, width: number, height: number): void {
  const gridWidth = half(width);
  const gridHeight = half(height);
  const quad = new Int32Array(4);
  for (let row = 0; row < gridHeight; row++) {
    for (let column = 0; column < gridWidth; column++) {
      quadrants(grid, gridWidth, gridHeight, column, row, quad);
      const x = 2 * column;
      const top = 2 * row * width + x;
      const hasRight = x + 1 < width;
      out[top] = (quad[0]! + 8) >> 4;
      if (hasRight) out[top + 1] = (quad[1]! + 8) >> 4;
      if (2 * row + 1 >= height) continue;
      out[top + width] = (quad[2]! + 8) >> 4;
      if (hasRight) out[top + width + 1] = (quad[3]! + 8) >> 4;
    }
  }
}
