/** A plane in another size, bilinear, edges repeated. Made for enlarging. */
export function resizePlane(
  source: Uint8Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
): Uint8Array {
  const out = new Uint8Array(newWidth * newHeight);
  const right = width - 1;
  const bottom = height - 1;
  for (let row = 0, o = 0; row < newHeight; row++) {
    const y = Math.min(bottom, Math.max(0, ((row + 0.5) * height) / newHeight - 0.5));
    const top = (y | 0) * width;
    const below = Math.min(bottom, (y | 0) + 1) * width;
    const fy = y - (y | 0);
    for (let column = 0; column < newWidth; column++, o++) {
      const x = Math.min(right, Math.max(0, ((column + 0.5) * width) / newWidth - 0.5));
      const left = x | 0;
      const next = Math.min(right, left + 1);
      const fx = x - left;
      const upper = source[top + left]! * (1 - fx) + source[top + next]! * fx;
      const lower = source[below + left]! * (1 - fx) + source[below + next]! * fx;
      out[o] = Math.round(upper * (1 - fy) + lower * fy);
    }
  }
  return out;
}
