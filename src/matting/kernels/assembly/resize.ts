/**
 * See `createResizePlane`.
 *
 * @param columns for each new place the two old ones beside it, and the share of the second, in
 *   256ths: three tables of 32 bits one after the other
 * @param room 2 bytes for each column of the source
 */
export function resize(
  source: usize,
  width: i32,
  columns: usize,
  newWidth: i32,
  rows: usize,
  newHeight: i32,
  out: usize,
  room: usize,
): void {
  for (let row = 0; row < newHeight; row++) {
    const top = source + width * load<i32>(rows + 4 * row);
    const below = source + width * load<i32>(rows + 4 * (newHeight + row));
    const share = load<i32>(rows + 4 * (2 * newHeight + row));
    const lower = i16x8.splat(<i16>share);
    const upper = i16x8.splat(<i16>(256 - share));
    for (let x = 0; x < width; x += 8) {
      const a = i16x8.mul(v128.load8x8_u(top + x), upper);
      v128.store(room + 2 * x, i16x8.add(a, i16x8.mul(v128.load8x8_u(below + x), lower)));
    }
    for (let x = 0; x < newWidth; x++) {
      const at = columns + 4 * x;
      const near = <u32>load<u16>(room + 2 * load<i32>(at));
      const far = <u32>load<u16>(room + 2 * load<i32>(at + 4 * newWidth));
      const beside = <u32>load<i32>(at + 8 * newWidth);
      store<u8>(out++, (near * (256 - beside) + far * beside + 0x8000) >> 16);
    }
  }
}
