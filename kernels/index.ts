import { beginBox, boxRow } from './box';
import { Region } from './shapes';

export { bounds } from './bounds';
export { squareSteps, weaken } from './contrast';
export { differ, ramp } from './differ';
export { keepNear } from './near';
export { fill, refine } from './refine';
export { resize } from './resize';
export { key, screenness } from './screen';
export { halve, shrinkBlocks } from './shrink';
export { upsample } from './upsample';

/** Where the memory that callers may use begins. */
export const base = __heap_base;

/** See `BoxSum`. */
export function boxSum(
  source: usize,
  width: i32,
  region: Region,
  radius: i32,
  sums: usize,
  room: usize,
): void {
  beginBox(source, width, region, radius, room);
  for (let y = region.top; y < region.bottom; y++) {
    boxRow(y, sums + 4 * (y * width + region.left));
  }
}
