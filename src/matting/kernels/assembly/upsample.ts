/** Doubles a grid on the chroma grid to the full picture, bilinear, edges repeated. */
export function upsample(grid: usize, out: usize, width: i32, height: i32): void {
  const gridWidth = (width + 1) >> 1;
  const gridHeight = (height + 1) >> 1;
  for (let row = 0; row < gridHeight; row++) {
    for (let column = 0; column < gridWidth; column++) {
      const four = quadrants(grid, gridWidth, gridHeight, column, row);
      storeBlock(out, width, height, column, row, f32x4.mul(four, f32x4.splat(1 / 16.0)));
    }
  }
}

/**
 * The four values, times 16, that a pixel of the half grid gives the pixels of its 2×2 block:
 * top left, top right, bottom left, bottom right.
 */
export function quadrants(grid: usize, width: i32, height: i32, column: i32, row: i32): v128 {
  const at = grid + row * width + column;
  const left = column > 0 ? -1 : 0;
  const right = column < width - 1 ? 1 : 0;
  const up = row > 0 ? -width : 0;
  const down = row < height - 1 ? width : 0;
  const centre = 9 * <i32>load<u8>(at);
  const l = 3 * <i32>load<u8>(at + left);
  const r = 3 * <i32>load<u8>(at + right);
  const u = 3 * <i32>load<u8>(at + up);
  const d = 3 * <i32>load<u8>(at + down);
  return f32x4.convert_i32x4_s(
    i32x4(
      centre + l + u + load<u8>(at + up + left),
      centre + r + u + load<u8>(at + up + right),
      centre + l + d + load<u8>(at + down + left),
      centre + r + d + load<u8>(at + down + right),
    ),
  );
}

/** The pixels of a full plane in the block of a pixel of the half grid, in the same order. */
export function loadBlock(plane: usize, width: i32, column: i32, row: i32): v128 {
  const at = plane + 2 * row * width + 2 * column;
  return f32x4.convert_i32x4_s(
    i32x4(load<u8>(at), load<u8>(at, 1), load<u8>(at + width), load<u8>(at + width, 1)),
  );
}

/** Writes what exists of a block: beyond an odd edge there is nothing. */
export function storeBlock(
  plane: usize,
  width: i32,
  height: i32,
  column: i32,
  row: i32,
  four: v128,
): void {
  const at = plane + 2 * row * width + 2 * column;
  const hasRight = 2 * column + 1 < width;
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.add(four, f32x4.splat(0.5)));
  store<u8>(at, i32x4.extract_lane(whole, 0));
  if (hasRight) store<u8>(at, i32x4.extract_lane(whole, 1), 1);
  if (2 * row + 1 >= height) return;
  store<u8>(at + width, i32x4.extract_lane(whole, 2));
  if (hasRight) store<u8>(at + width, i32x4.extract_lane(whole, 3), 1);
}
