import { beginBox, boxRow } from './box';
import { Region } from './shapes';

export { bounds } from './bounds';
export { squareSteps, weaken } from './contrast';
export { differ, ramp } from './differ';
export { medians } from './median';
export { keepNear } from './near';
export { fill } from './fill';
export { refine } from './refine';
export { resize } from './resize';
export { key, screenness } from './screen';
export { halve, shrink } from './shrink';
export { upsample } from './upsample';

/** Where the memory that callers may use begins. */
export const base = __heap_base;

/** The sum of so many bytes. */
export function sum(plane: usize, size: i32): f64 {
  let total: f64 = 0;
  let i = 0;
  for (; i <= size - 16; i += 16) {
    const sixteen = i16x8.extadd_pairwise_i8x16_u(v128.load(plane + i));
    const eight = i32x4.extadd_pairwise_i16x8_u(sixteen);
    total += i32x4.extract_lane(eight, 0) + i32x4.extract_lane(eight, 1);
    total += i32x4.extract_lane(eight, 2) + i32x4.extract_lane(eight, 3);
  }
  for (; i < size; i++) total += load<u8>(plane + i);
  return total;
}

/** See `BoxSum`. */
export function boxSum(
  source: usize,
  width: i32,
  region: Region,
  radius: i32,
  sums: usize,
  room: usize,
): void {
  beginBox(source, width, region, radius, room);
  for (let y = region.top; y < region.bottom; y++) {
    boxRow(y, sums + 4 * (y * width + region.left));
  }
}
