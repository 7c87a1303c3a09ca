import { loadFour } from './bytes';

/** See `halveLuma`. */
export function halve(source: usize, width: i32, height: i32, out: usize): void {
  const pairs = width >> 1;
  for (let row = 0; row < height; row += 2) {
    const top = source + row * width;
    const bottom = row + 1 < height ? top + width : top;
    for (let n = 0; n < pairs; n += 8) v128.store(out + n, means(top + 2 * n, bottom + 2 * n));
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

/**
 * See `createShrinkPlane`.
 *
 * @param columns for each new column the first and the last old one that it covers, and how much of
 *   those, nothing of the last where that is the first: four tables of 32 bits one after the other
 * @param room 4 bytes for each column of the source
 */
export function shrink(
  source: usize,
  width: i32,
  columns: usize,
  newWidth: i32,
  rows: usize,
  newHeight: i32,
  scale: f64,
  out: usize,
  room: usize,
): void {
  for (let row = 0; row < newHeight; row++) {
    const top = load<i32>(rows + 4 * row);
    const bottom = load<i32>(rows + 4 * (newHeight + row));
    memory.fill(room, 0, 4 * width);
    for (let line = top; line <= bottom; line++) {
      let share: f32 = 1;
      if (line === top) share = load<f32>(rows + 4 * (2 * newHeight + row));
      else if (line === bottom) share = load<f32>(rows + 4 * (3 * newHeight + row));
      const four = f32x4.splat(share);
      for (let x = 0, at = source + line * width; x < width; x += 4) {
        const sum = f32x4.add(v128.load(room + 4 * x), f32x4.mul(four, loadFour(at + x)));
        v128.store(room + 4 * x, sum);
      }
    }
    for (let x = 0; x < newWidth; x++) {
      const at = columns + 4 * x;
      const left = load<i32>(at);
      const right = load<i32>(at + 4 * newWidth);
      let sum = load<f32>(room + 4 * left) * load<f32>(at + 8 * newWidth);
      for (let c = left + 1; c < right; c++) sum += load<f32>(room + 4 * c);
      sum += load<f32>(room + 4 * right) * load<f32>(at + 12 * newWidth);
      store<u8>(out++, <u8>(<f64>sum * scale + 0.5));
    }
  }
}
