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
 * Writes the mean of each block of `across × down` pixels.
 *
 * @param down at most 257: a column's sum has 16 bits
 * @param room 2 bytes for each column of the source
 */
export function shrinkBlocks(
  source: usize,
  newWidth: i32,
  newHeight: i32,
  across: i32,
  down: i32,
  out: usize,
  room: usize,
): void {
  const width = newWidth * across;
  const share = 1 / <f64>(across * down);
  for (let row = 0; row < newHeight; row++) {
    for (let x = 0; x < width; x += 8) {
      let sum = i16x8.splat(0);
      for (let line = 0, at = source + x; line < down; line++, at += width) {
        sum = i16x8.add(sum, v128.load8x8_u(at));
      }
      v128.store(room + 2 * x, sum);
    }
    for (let x = 0, at = room; x < newWidth; x++) {
      let sum: u32 = 0;
      for (let n = 0; n < across; n++, at += 2) sum += load<u16>(at);
      store<u8>(out++, <u8>(<f64>sum * share + 0.5));
    }
    source += down * width;
  }
}
