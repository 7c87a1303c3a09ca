import { add, clear, sample, spread } from './pushPull';
import { Picture } from './shapes';

/**
 * Fills the gaps of three planes from around.
 *
 * @param known 1 where they need not be filled
 * @param room 7 bytes for each pixel, 30 for each row and column, and 1000 more
 */
export function fill(picture: Picture, known: usize, width: i32, height: i32, room: usize): void {
  const w = (width + 1) >> 1;
  const h = (height + 1) >> 1;
  const weights = room + 16 * w * h;
  clear(room, weights, w, 0, 0, w, h);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      if (load<u8>(known + i) !== 1) continue;
      const y = <f32>load<u8>(picture.y + i);
      const u = <f32>load<u8>(picture.u + i);
      const v = <f32>load<u8>(picture.v + i);
      const four = f32x4(y, u, v, 0);
      add(room, weights, (row >> 1) * w + (column >> 1), four, 1);
    }
  }
  spread(room, weights, w, h, 0, 0, w, h);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      if (load<u8>(known + i) === 1) continue;
      const four = f32x4.add(sample(room, w, h, column, row), f32x4.splat(0.5));
      const whole = i32x4.trunc_sat_f32x4_s(four);
      store<u8>(picture.y + i, i32x4.extract_lane(whole, 0));
      store<u8>(picture.u + i, i32x4.extract_lane(whole, 1));
      store<u8>(picture.v + i, i32x4.extract_lane(whole, 2));
    }
  }
}
