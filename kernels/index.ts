import { beginBox, boxRow } from './box';
import { Region } from './shapes';

export { bounds } from './bounds';
export { differ } from './differ';
export { fill, refine } from './refine';
export { key, screenness } from './screen';
export { upsample } from './upsample';

/** Where the memory that callers may use begins. */
export const base = __heap_base;

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

/** See `halveLuma`. */
export function halve(source: usize, width: i32, height: i32, out: usize): void {
  const pairs = width >> 1;
  for (let row = 0; row < height; row += 2) {
    const top = source + row * width;
    const bottom = row + 1 < height ? top + width : top;
    for (let n = 0; n < pairs; n += 8) {
      v128.store(out + n, means(top + 2 * n, bottom + 2 * n));
    }
    if ((width & 1) === 1) {
      const end = width - 1;
      const sum = <u32>load<u8>(top + end) + load<u8>(bottom + end);
      store<u8>(out + pairs, (sum + 1) >> 1);
    }
    out += (width + 1) >> 1;
  }
}

/** The means of eight blocks, and eight bytes more. */
function means(top: usize, bottom: usize): v128 {
  const sums = i16x8.add(
    i16x8.extadd_pairwise_i8x16_u(v128.load(top)),
    i16x8.extadd_pairwise_i8x16_u(v128.load(bottom)),
  );
  const rounded = i16x8.shr_u(i16x8.add(sums, i16x8.splat(2)), 2);
  return i8x16.narrow_i16x8_u(rounded, rounded);
}
