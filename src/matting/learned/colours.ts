import { type Frame, half } from '../grid/frame.ts';
import type { ColorMatrix } from '../media/probeSource.ts';

function weights(matrix: ColorMatrix): readonly [kr: number, kb: number] {
  return matrix === 'bt709' ? [0.2126, 0.0722] : [0.299, 0.114];
}

/** Writes a 4:2:0 picture as red, green and blue planes, each 0..1. */
export function toRgbPlanes(
  { width, height, y, u, v }: Frame,
  matrix: ColorMatrix,
  out: Float32Array,
): void {
  const [kr, kb] = weights(matrix);
  const size = width * height;
  const columns = half(width);
  for (let row = 0, i = 0; row < height; row++) {
    const chroma = (row >> 1) * columns;
    for (let column = 0; column < width; column++, i++) {
      const c = chroma + (column >> 1);
      const luma = (y[i]! - 16) / 219;
      const red = luma + (2 * (1 - kr) * (v[c]! - 128)) / 224;
      const blue = luma + (2 * (1 - kb) * (u[c]! - 128)) / 224;
      out[i] = clamp(red);
      out[size + i] = clamp((luma - kr * red - kb * blue) / (1 - kr - kb));
      out[2 * size + i] = clamp(blue);
    }
  }
}

/** The other way: replaces a picture's colours; where nothing is opaque it turns black. */
export function fromRgbPlanes(
  rgb: Float32Array,
  alpha: Uint8Array,
  matrix: ColorMatrix,
  { width, height, y, u, v }: Frame,
): void {
  const [kr, kb] = weights(matrix);
  const size = width * height;
  const columns = half(width);
  const sums = new Float32Array(3 * u.length);
  for (let row = 0, i = 0; row < height; row++) {
    const chroma = (row >> 1) * columns;
    for (let column = 0; column < width; column++, i++) {
      if (alpha[i] === 0) {
        y[i] = 16;
        continue;
      }
      const [red, green, blue] = [rgb[i]!, rgb[size + i]!, rgb[2 * size + i]!];
      const luma = kr * red + (1 - kr - kb) * green + kb * blue;
      y[i] = Math.round(16 + 219 * clamp(luma));
      const c = 3 * (chroma + (column >> 1));
      sums[c] = sums[c]! + 1;
      sums[c + 1] = sums[c + 1]! + (blue - luma) / (2 * (1 - kb));
      sums[c + 2] = sums[c + 2]! + (red - luma) / (2 * (1 - kr));
    }
  }
  for (let i = 0; i < u.length; i++) {
    const count = sums[3 * i]! || 1;
    u[i] = Math.round(128 + 224 * (sums[3 * i + 1]! / count));
    v[i] = Math.round(128 + 224 * (sums[3 * i + 2]! / count));
  }
}

/** Also turns what is no number into 0. */
export function clamp(value: number): number {
  return value > 0 ? (value < 1 ? value : 1) : 0;
}
