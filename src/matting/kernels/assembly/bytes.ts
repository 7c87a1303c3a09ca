/** Four bytes as numbers. */
export function loadFour(at: usize): v128 {
  const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
  return f32x4.convert_i32x4_s(wide);
}

/** Sixteen numbers as the nearest bytes. */
export function storeSixteen(at: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = i16x8.narrow_i32x4_s(nearest(a), nearest(b));
  const cd = i16x8.narrow_i32x4_s(nearest(c), nearest(d));
  v128.store(at, i8x16.narrow_i16x8_u(ab, cd));
}

/** One mask of bytes of four masks of 32 bits. */
export function packMasks(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/** Which of sixteen numbers of 32 bits are above a limit, as a mask of bytes. */
export function sumsAbove(sums: usize, limit: i32): v128 {
  const most = i32x4.splat(limit);
  return packMasks(
    i32x4.gt_s(v128.load(sums), most),
    i32x4.gt_s(v128.load(sums, 16), most),
    i32x4.gt_s(v128.load(sums, 32), most),
    i32x4.gt_s(v128.load(sums, 48), most),
  );
}

function nearest(four: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.add(four, f32x4.splat(0.5)));
}
