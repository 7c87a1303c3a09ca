import { Region } from './shapes';

/**
 * Finds the smallest region that holds all that is not zero: one of no size where everything is.
 *
 * @param room a row
 */
export function bounds(plane: usize, width: i32, height: i32, region: Region, room: usize): void {
  region.left = region.top = region.right = region.bottom = 0;
  memory.fill(room, 0, width);
  for (let row = 0; row < height; row++) {
    const start = plane + row * width;
    let any = i8x16.splat(0);
    let x = 0;
    for (; x <= width - 16; x += 16) {
      const sixteen = v128.load(start + x);
      any = v128.or(any, sixteen);
      v128.store(room + x, v128.or(v128.load(room + x), sixteen));
    }
    let rest: u8 = 0;
    for (; x < width; x++) {
      const one = load<u8>(start + x);
      rest |= one;
      store<u8>(room + x, load<u8>(room + x) | one);
    }
    if (rest === 0 && !v128.any_true(any)) continue;
    if (region.bottom === 0) region.top = row;
    region.bottom = row + 1;
  }
  if (region.bottom === 0) return;
  while (load<u8>(room + region.left) === 0) region.left++;
  region.right = width;
  while (load<u8>(room + region.right - 1) === 0) region.right--;
}
