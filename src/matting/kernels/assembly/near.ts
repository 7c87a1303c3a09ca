import { beginBox, boxRow } from './box';
import { sumsAbove } from './bytes';
import { Region } from './shapes';

/** Copies rows of a plane, but what is outside of the region or far from the mask becomes 0. */
export function keepNear(
  plane: usize,
  mask: usize,
  radius: i32,
  width: i32,
  region: Region,
  out: usize,
  room: usize,
): void {
  const sums = room;
  beginBox(mask, width, region, radius, sums + 4 * width + 64);
  for (let row = region.top; row < region.bottom; row++) {
    const start = row * width;
    boxRow(row, sums);
    memory.fill(out + start, 0, region.left);
    for (let x = region.left, s = sums; x < region.right; x += 16, s += 64) {
      v128.store(out + start + x, v128.and(v128.load(plane + start + x), sumsAbove(s, 0)));
    }
    memory.fill(out + start + region.right, 0, width - region.right);
  }
}
