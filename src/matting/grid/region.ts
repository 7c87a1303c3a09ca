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

/** All that is not zero, and so much around it; of no size where everything is zero. */
export function regionOf(plane: Uint8Array, width: number, height: number, margin: number): Region {
  const isEmpty = (row: number): boolean => {
    const end = (row + 1) * width;
    for (let i = row * width; i < end; i++) if (plane[i] !== 0) return false;
    return true;
  };
  let top = 0;
  while (top < height && isEmpty(top)) top++;
  if (top === height) return { left: 0, top: 0, right: 0, bottom: 0 };
  let bottom = height;
  while (isEmpty(bottom - 1)) bottom--;
  let left = width;
  let right = 0;
  for (let row = top; row < bottom; row++) {
    const start = row * width;
    for (let x = 0; x < left; x++) if (plane[start + x] !== 0) left = x;
    for (let x = width - 1; x >= right; x--) if (plane[start + x] !== 0) right = x + 1;
  }
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
