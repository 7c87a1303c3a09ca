import { clearRoom, kernels, put, putPicture, room, take } from '../kernels/kernels.ts';
import type { Planes } from './contrastLinks.ts';

/**
 * Spreads the colours of what is known of a picture over the rest, smoothly: a pyramid of averages
 * is built up (push) and the gaps are filled from its coarser levels (pull).
 *
 * @param planes 4:4:4, changed in place; where nothing is known all becomes 0
 * @param known 1 where the picture is known
 */
export function fillGaps(
  { y, u, v }: Planes,
  known: Uint8Array,
  width: number,
  height: number,
): void {
  clearRoom();
  const planes = [put(y), put(u), put(v)];
  const own = room(7 * width * height + 30 * (width + height) + 1000);
  kernels.fill(putPicture(planes), put(known), width, height, own);
  for (const [n, plane] of [y, u, v].entries()) take(planes[n]!, plane);
}
