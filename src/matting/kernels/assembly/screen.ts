import { loadFour, packMasks, storeSixteen } from './bytes';
import { Picture } from './shapes';

/** Chroma of a pixel is weaker in shadow: so many times it is lifted at most. */
const MOST_LIFT: f32 = 1.7;
const DARK: f32 = 12;
const CHROMA_NEUTRAL: f32 = 128;
/** Chroma that is off the screen's hue counts from here on, and so much. */
const BESIDE_FROM: f32 = 0.12;
const BESIDE_WEIGHT: f32 = 1.2;

/** See `createScreenness`. */
export function screenness(picture: Picture, screen: Picture, size: i32, out: usize): void {
  for (let i = 0; i < size; i += 4) v128.store(out + 4 * i, likeScreen(picture, screen, i));
}

/**
 * The first guess of `createKeyer`.
 *
 * @param high see `ScreenRamp`
 * @param scale levels of opacity to the unit of screenness
 * @param prior written: opacity, 0..255
 * @param mask written: 1 where the opacity is above 127
 */
export function key(
  picture: Picture,
  screen: Picture,
  size: i32,
  high: f32,
  scale: f32,
  prior: usize,
  mask: usize,
): void {
  const limit = f32x4.splat(127);
  for (let i = 0; i < size; i += 16) {
    const a = opacity(picture, screen, i, high, scale);
    const b = opacity(picture, screen, i + 4, high, scale);
    const c = opacity(picture, screen, i + 8, high, scale);
    const d = opacity(picture, screen, i + 12, high, scale);
    storeSixteen(prior + i, a, b, c, d);
    const isSubject = packMasks(
      f32x4.gt(a, limit),
      f32x4.gt(b, limit),
      f32x4.gt(c, limit),
      f32x4.gt(d, limit),
    );
    v128.store(mask + i, v128.and(isSubject, i8x16.splat(1)));
  }
}

function opacity(picture: Picture, screen: Picture, i: i32, high: f32, scale: f32): v128 {
  return f32x4.mul(
    f32x4.sub(f32x4.splat(high), likeScreen(picture, screen, i)),
    f32x4.splat(scale),
  );
}

function likeScreen(picture: Picture, screen: Picture, i: i32): v128 {
  const neutral = f32x4.splat(CHROMA_NEUTRAL);
  const dark = f32x4.splat(DARK);
  const u = f32x4.sub(loadFour(picture.u + i), neutral);
  const v = f32x4.sub(loadFour(picture.v + i), neutral);
  const hueU = f32x4.sub(loadFour(screen.u + i), neutral);
  const hueV = f32x4.sub(loadFour(screen.v + i), neutral);
  const own = f32x4.max(f32x4.splat(8), f32x4.sub(loadFour(picture.y + i), dark));
  const light = f32x4.div(f32x4.sub(loadFour(screen.y + i), dark), own);
  const lift = f32x4.max(f32x4.splat(1), f32x4.min(f32x4.splat(MOST_LIFT), light));
  // Over the squared length of the screen's chroma a dot product is a share.
  const square = f32x4.add(f32x4.mul(hueU, hueU), f32x4.mul(hueV, hueV));
  const share = f32x4.div(lift, f32x4.max(f32x4.splat(1), square));
  const along = f32x4.mul(share, f32x4.add(f32x4.mul(u, hueU), f32x4.mul(v, hueV)));
  const off = f32x4.abs(f32x4.sub(f32x4.mul(u, hueV), f32x4.mul(v, hueU)));
  const beside = f32x4.sub(f32x4.mul(share, off), f32x4.splat(BESIDE_FROM));
  const counts = f32x4.max(f32x4.splat(0), beside);
  return f32x4.sub(along, f32x4.mul(f32x4.splat(BESIDE_WEIGHT), counts));
}
