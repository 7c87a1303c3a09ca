import { clearRoom, kernels, putRegion, putRows, room, takeRows } from '../kernels/kernels.ts';
import { isEmpty, type Region } from './region.ts';

/**
 * Clears all of a plane that is outside of the region, or where the mask is zero throughout a square
 * of side `2 radius + 1`.
 */
export function keepNear(
  plane: Uint8Array,
  mask: Uint8Array,
  radius: number,
  width: number,
  region: Region,
): void {
  if (isEmpty(region)) {
    plane.fill(0);
    return;
  }
  clearRoom();
  const rows = { ...region, stride: width };
  const [from, near] = [putRows(plane, rows), putRows(mask, rows)];
  const to = room(plane.length);
  const own = room(10 * width + 12 * radius + 1000);
  kernels.keepNear(from, near, radius, width, putRegion(region), to, own);
  takeRows(to, plane, rows);
  plane.fill(0, 0, region.top * width);
  plane.fill(0, region.bottom * width);
}
