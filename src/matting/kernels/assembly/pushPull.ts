/**
 * Spreads scattered values over a picture, smoothly: a pyramid of averages is built up (push) and
 * the gaps are filled from its coarser levels (pull). A cell has four values, 32-bit floats, and how
 * well they are known: how many were added up, and after `spread` 0..1.
 */

/**
 * Adds values at a cell that is one of a level.
 *
 * @param weight 1, or less for what gives way to what is known better
 */
export function add(values: usize, weights: usize, cell: i32, four: v128, weight: f32): void {
  const to = values + 16 * cell;
  v128.store(to, f32x4.add(v128.load(to), f32x4.mul(f32x4.splat(weight), four)));
  const known = weights + 4 * cell;
  store<f32>(known, load<f32>(known) + weight);
}

/** Bytes that a level and all coarser ones need, the weights of each after its values. */
export function levelBytes(width: i32, height: i32): i32 {
  // 20 for each cell, and a third more in all; halves are rounded up on all levels.
  return 27 * width * height + 20 * (width + height) + 400;
}

/** Empties a part of a level. */
export function clear(
  values: usize,
  weights: usize,
  width: i32,
  left: i32,
  top: i32,
  right: i32,
  bottom: i32,
): void {
  for (let row = top; row < bottom; row++) {
    const at = row * width + left;
    memory.fill(values + 16 * at, 0, 16 * (right - left));
    memory.fill(weights + 4 * at, 0, 4 * (right - left));
  }
}

/** Makes means of the sums in a part of a level, and fills the gaps. */
export function spread(
  values: usize,
  weights: usize,
  width: i32,
  height: i32,
  left: i32,
  top: i32,
  right: i32,
  bottom: i32,
): void {
  for (let row = top; row < bottom; row++) {
    for (let i = row * width + left; i < row * width + right; i++) {
      const weight = load<f32>(weights + 4 * i);
      if (weight === 0) continue;
      const at = values + 16 * i;
      v128.store(at, f32x4.div(v128.load(at), f32x4.splat(weight)));
      if (weight > 1) store<f32>(weights + 4 * i, 1);
    }
  }
  if (width === 1 && height === 1) return;

  // The part of the next level that has to do with this one, neighbours included.
  const coarse = weights + 4 * width * height;
  const coarseWidth = (width + 1) >> 1;
  const coarseHeight = (height + 1) >> 1;
  const coarseWeights = coarse + 16 * coarseWidth * coarseHeight;
  const from = max(0, (left >> 1) - 1);
  const upper = max(0, (top >> 1) - 1);
  const to = min(coarseWidth, (right >> 1) + 2);
  const lower = min(coarseHeight, (bottom >> 1) + 2);
  clear(coarse, coarseWeights, coarseWidth, from, upper, to, lower);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const i = row * width + column;
      const weight = load<f32>(weights + 4 * i);
      if (weight === 0) continue;
      const parent = (row >> 1) * coarseWidth + (column >> 1);
      const at = coarse + 16 * parent;
      const share = f32x4.mul(f32x4.splat(weight), v128.load(values + 16 * i));
      v128.store(at, f32x4.add(v128.load(at), share));
      const known = coarseWeights + 4 * parent;
      store<f32>(known, load<f32>(known) + weight);
    }
  }
  spread(coarse, coarseWeights, coarseWidth, coarseHeight, from, upper, to, lower);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const i = row * width + column;
      const weight = load<f32>(weights + 4 * i);
      if (weight >= 1) continue;
      const at = values + 16 * i;
      const own = f32x4.mul(f32x4.splat(weight), v128.load(at));
      const between = sample(coarse, coarseWidth, coarseHeight, column, row);
      v128.store(at, f32x4.add(own, f32x4.mul(f32x4.splat(1 - weight), between)));
    }
  }
}

/**
 * The values of a level at a cell of the next finer one, bilinear. Its centre lies a quarter of a
 * cell off the centre of the one that holds it, so the weights are always three quarters and one.
 */
export function sample(values: usize, width: i32, height: i32, column: i32, row: i32): v128 {
  const x = column >> 1;
  const y = row >> 1;
  const beside = (column & 1) === 1 ? (x + 1 < width ? 16 : 0) : x > 0 ? -16 : 0;
  const line = 16 * width;
  const across = (row & 1) === 1 ? (y + 1 < height ? line : 0) : y > 0 ? -line : 0;
  const at = values + y * line + 16 * x;
  const near = f32x4.mul(f32x4.splat(0.5625), v128.load(at));
  const sides = f32x4.add(v128.load(at + beside), v128.load(at + across));
  const corner = f32x4.mul(f32x4.splat(0.0625), v128.load(at + beside + across));
  return f32x4.add(near, f32x4.add(f32x4.mul(f32x4.splat(0.1875), sides), corner));
}
