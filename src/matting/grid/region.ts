import { clearRoom, kernels, put, room, take } from '../kernels/kernels.ts';

/** A rectangle of a grid; `right` and `bottom` are exclusive. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function wholeGrid(width: number, height: number): Region {
  return { left: 0, top: 0, right: width, bottom: height };
}

export function isEmpty({ left, top, right, bottom }: Region): boolean {
  return left >= right || top >= bottom;
}

/** All that is not zero, and so much around it; of no size where everything is zero. */
export function regionOf(plane: Uint8Array, width: number, height: number, margin: number): Region {
  clearRoom();
  const found = new Int32Array(4);
  const to = put(found);
  kernels.bounds(put(plane), width, height, to, room(width));
  take(to, found);
  const [left = 0, top = 0, right = 0, bottom = 0] = found;
  if (top === bottom) return { left, top, right, bottom };
  return {
    left: Math.max(0, left - margin),
    top: Math.max(0, top - margin),
    right: Math.min(width, right + margin),
    bottom: Math.min(height, bottom + margin),
  };
}

/** Sets all that is outside a region, which may reach over the right and lower edge. */
export function clearOutside(
  plane: Uint8Array,
  width: number,
  height: number,
  { left, top, right, bottom }: Region,
  value: number,
): void {
  plane.fill(value, 0, top * width);
  for (let row = top; row < Math.min(bottom, height); row++) {
    plane.fill(value, row * width, row * width + left);
    if (right < width) plane.fill(value, row * width + right, (row + 1) * width);
  }
  plane.fill(value, bottom * width);
}
