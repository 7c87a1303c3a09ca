import { loadFour } from './bytes';
import { Picture, Region } from './shapes';

/**
 * Writes the squared colour distance of each pixel to its neighbour, 32-bit floats: 0 where one of
 * them is outside of the region.
 *
 * @param dx -1..1
 * @param dy 0 or 1
 * @param damping what a square is multiplied with, 32-bit floats; 0 for nothing
 * @returns the sum of all
 */
export function squareSteps(
  picture: Picture,
  width: i32,
  region: Region,
  dx: i32,
  dy: i32,
  damping: usize,
  out: usize,
): f64 {
  const offset = dy * width + dx;
  const numbers = i32x4(0, 1, 2, 3);
  const first = i32x4.splat(max(region.left, region.left - dx) - 1);
  const end = i32x4.splat(min(region.right, region.right - dx));
  let sum: f64 = 0;
  for (let row = region.top; row < region.bottom; row++) {
    let sums = f32x4.splat(0);
    const last = row + dy < region.bottom ? end : i32x4.splat(0);
    for (let x = region.left; x < region.right; x += 4) {
      const i = row * width + x;
      const u = steps(picture.u + i, offset);
      const v = steps(picture.v + i, offset);
      const y = steps(picture.y + i, offset);
      const chroma = f32x4.add(f32x4.mul(u, u), f32x4.mul(v, v));
      let square = f32x4.add(f32x4.mul(y, y), f32x4.add(chroma, chroma));
      if (damping !== 0) square = f32x4.mul(square, v128.load(damping + 4 * i));
      const place = i32x4.add(i32x4.splat(x), numbers);
      square = v128.and(square, v128.and(i32x4.gt_s(place, first), i32x4.lt_s(place, last)));
      v128.store(out + 4 * i, square);
      sums = f32x4.add(sums, square);
    }
    sum += f32x4.extract_lane(sums, 0);
    sum += f32x4.extract_lane(sums, 1);
    sum += f32x4.extract_lane(sums, 2);
    sum += f32x4.extract_lane(sums, 3);
  }
  return sum;
}

function steps(at: usize, offset: i32): v128 {
  return f32x4.sub(loadFour(at), loadFour(at + offset));
}

/** Replaces squares by `most · (least + (1 − least) · exp(−scale · square))`. */
export function weaken(squares: usize, count: i32, scale: f32, most: f32, least: f32): void {
  const one = f32x4.splat(1);
  const fraction = f32x4.splat(scale / 512);
  const rest = f32x4.splat(most * (1 - least));
  const floor = f32x4.splat(most * least);
  for (let i = 0; i < count; i += 4) {
    const at = squares + 4 * i;
    // exp(−x) is nearly ((1 − x/512) / (1 + x/512))²⁵⁶.
    const x = f32x4.min(one, f32x4.mul(v128.load(at), fraction));
    let fall = f32x4.div(f32x4.sub(one, x), f32x4.add(one, x));
    for (let n = 0; n < 8; n++) fall = f32x4.mul(fall, fall);
    v128.store(at, f32x4.add(floor, f32x4.mul(rest, fall)));
  }
}
