import { type Frame, half } from './frame.ts';

/** A plane in a smaller size: each new pixel is the mean of the old ones it covers. */
export function shrinkPlane(
  source: Uint8Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
): Uint8Array {
  const out = new Uint8Array(newWidth * newHeight);
  for (let row = 0, o = 0; row < newHeight; row++) {
    const top = Math.floor((row * height) / newHeight);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / newHeight));
    for (let column = 0; column < newWidth; column++, o++) {
      const left = Math.floor((column * width) / newWidth);
      const right = Math.max(left + 1, Math.floor(((column + 1) * width) / newWidth));
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) sum += source[y * width + x]!;
      }
      out[o] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return out;
}

/** A 4:2:0 picture as a small 4:4:4 one. */
export function shrinkFrame(frame: Frame, newWidth: number, newHeight: number): Frame {
  const { width, height, y, u, v } = frame;
  const chroma = (plane: Uint8Array): Uint8Array =>
    shrinkPlane(plane, half(width), half(height), newWidth, newHeight);
  return {
    width: newWidth,
    height: newHeight,
    y: shrinkPlane(y, width, height, newWidth, newHeight),
    u: chroma(u),
    v: chroma(v),
  };
}
