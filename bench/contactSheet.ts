import { encodePng } from '../src/media/png.ts';

/** What a sheet shows: planes of a whole clip, frame after frame. */
export interface SheetSource {
  readonly width: number;
  readonly height: number;
  /** 8-bit RGB of every frame. */
  readonly pictures: Uint8Array;
  /** Opacity that was found, 0..255. */
  readonly found: Uint8Array;
  /** True opacity, 0..255. */
  readonly truth: Uint8Array;
}

const ROWS = 4;
const SQUARE = 8;
const LIGHT = 210;
const DARK = 150;

/**
 * A PNG to look at: four moments, each as filmed, cut out over a checkerboard, the opacity, and
 * where it is wrong (red: too much was kept, blue: too little).
 */
export function contactSheet({ width, height, pictures, found, truth }: SheetSource): Buffer {
  const size = width * height;
  const frames = truth.length / size;
  const panels = 4;
  const pixels = new Uint8Array(panels * width * ROWS * height * 3);
  for (let row = 0; row < ROWS; row++) {
    const frame = Math.floor(((row + 0.5) * frames) / ROWS) * size;
    for (let i = 0; i < size; i++) {
      const x = i % width;
      const y = (i - x) / width;
      const at = frame + i;
      const alpha = (found[at] ?? 0) / 255;
      const square = ((x / SQUARE) ^ (y / SQUARE)) & 1 ? LIGHT : DARK;
      const error = (found[at] ?? 0) - (truth[at] ?? 0);
      const out = ((row * height + y) * panels * width + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const filmed = pictures[3 * at + channel] ?? 0;
        pixels[out + channel] = filmed;
        pixels[out + 3 * width + channel] = square + alpha * (filmed - square);
        pixels[out + 6 * width + channel] = found[at] ?? 0;
      }
      pixels[out + 9 * width] = Math.max(0, error);
      pixels[out + 9 * width + 2] = Math.max(0, -error);
    }
  }
  return encodePng({ width: panels * width, height: ROWS * height, pixels });
}
