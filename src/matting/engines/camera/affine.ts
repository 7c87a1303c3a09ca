import { type Frame, half } from '../../grid/frame.ts';

/** Where a pixel comes from: `x' = a·x + c·y + e`, `y' = b·x + d·y + f`, pixel centres at integers. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export const IDENTITY: Affine = [1, 0, 0, 1, 0, 0];

/** First `inner`, then `outer`. */
export function compose(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [
    a * g + c * h,
    b * g + d * h,
    a * i + c * j,
    b * i + d * j,
    a * k + c * l + e,
    b * k + d * l + f,
  ];
}

export function invert([a, b, c, d, e, f]: Affine): Affine {
  const det = a * d - b * c;
  return [d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det];
}

/** The same movement on a picture that is `across` times as wide and `down` times as high. */
export function rescale(affine: Affine, across: number, down: number): Affine {
  const toSmall: Affine = [1 / across, 0, 0, 1 / down, 0.5 / across - 0.5, 0.5 / down - 0.5];
  return compose(invert(toSmall), compose(affine, toSmall));
}

/**
 * Draws a plane anew, bilinear: each pixel of `out` from where `affine` says. What lies outside
 * the source is left as it is in `out`.
 */
export function warpPlane(
  source: Uint8Array,
  [a, b, c, d, e, f]: Affine,
  width: number,
  height: number,
  out: Uint8Array,
): void {
  const right = width - 1;
  const bottom = height - 1;
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const x = a * column + c * row + e;
      const y = b * column + d * row + f;
      if (x < -0.5 || y < -0.5 || x > right + 0.5 || y > bottom + 0.5) continue;
      const insideX = x < 0 ? 0 : x > right ? right : x;
      const insideY = y < 0 ? 0 : y > bottom ? bottom : y;
      const left = insideX | 0;
      const top = insideY | 0;
      const fx = insideX - left;
      const fy = insideY - top;
      const p = top * width + left;
      const next = left < right ? 1 : 0;
      const down = top < bottom ? width : 0;
      const upper = source[p]! * (1 - fx) + source[p + next]! * fx;
      const lower = source[p + down]! * (1 - fx) + source[p + down + next]! * fx;
      out[i] = upper * (1 - fy) + lower * fy + 0.5;
    }
  }
}

/**
 * Draws a whole picture anew, like `warpPlane`.
 *
 * @param share 2 for 4:2:0, 1 for 4:4:4
 */
export function warpFrame(frame: Frame, affine: Affine, out: Frame, share: 1 | 2): Frame {
  const { width, height } = frame;
  const [w, h] = share === 2 ? [half(width), half(height)] : [width, height];
  const chroma = rescale(affine, 1 / share, 1 / share);
  warpPlane(frame.y, affine, width, height, out.y);
  warpPlane(frame.u, chroma, w, h, out.u);
  warpPlane(frame.v, chroma, w, h, out.v);
  return out;
}
