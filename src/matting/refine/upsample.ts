import { clearRoom, kernels, put, room, take } from '../kernels/kernels.ts';

/** Doubles a grid on the chroma grid to the full picture, bilinear, edges repeated. */
export function upsample(grid: Uint8Array, out: Uint8Array, width: number, height: number): void {
  clearRoom();
  const to = room(out.length);
  kernels.upsample(put(grid), to, width, height);
  take(to, out);
}
