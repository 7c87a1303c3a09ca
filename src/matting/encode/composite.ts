import { type Frame, half } from '../grid/frame.ts';

/** Lays a matted frame over a backdrop of the same size, in place. Both 4:2:0. */
export function composite(frame: Frame, alpha: Uint8Array, backdrop: Frame): void {
  const { width, height, y, u, v } = frame;
  for (let i = 0; i < y.length; i++) y[i] = mix(backdrop.y[i]!, y[i]!, alpha[i]!);
  const columns = half(width);
  for (let row = 0, i = 0; row < half(height); row++) {
    const top = 2 * row * width;
    const down = 2 * row + 1 < height ? width : 0;
    for (let column = 0; column < columns; column++, i++) {
      const p = top + 2 * column;
      const next = 2 * column + 1 < width ? 1 : 0;
      const sum = alpha[p]! + alpha[p + next]! + alpha[p + down]! + alpha[p + down + next]!;
      u[i] = mix(backdrop.u[i]!, u[i]!, sum / 4);
      v[i] = mix(backdrop.v[i]!, v[i]!, sum / 4);
    }
  }
}

function mix(under: number, over: number, opacity: number): number {
  return Math.round(under + ((over - under) * opacity) / 255);
}
