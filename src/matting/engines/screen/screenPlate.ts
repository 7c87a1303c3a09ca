import { createBoxSum } from '../../grid/box.ts';
import type { Frame } from '../../grid/frame.ts';
import { fillGaps } from '../../grid/fillGaps.ts';
import { medianOf } from '../../grid/median.ts';
import { isKeyLike, type KeyColour } from './keyColour.ts';

/** The empty screen at each place: uneven light and folds included. */
export interface ScreenPlate {
  /** 4:4:4, of the samples' size. */
  readonly plate: Frame;
  /** Share of the picture where the screen was seen at all, 0..1. */
  readonly cover: number;
}

const FEWEST_SIGHTINGS = 3;

/**
 * Per pixel the median over the frames in which it looks like the screen; places where it never
 * does are filled from around. Slightly smoothed.
 */
export function screenPlate(frames: readonly Frame[], key: KeyColour): ScreenPlate {
  const { width, height } = frames[0]!;
  const size = width * height;
  const planes = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)] as const;
  const [y, u, v] = planes;
  const sightings = frames.map(() => 0);
  const values = new Uint8Array(frames.length);
  const needed = Math.min(FEWEST_SIGHTINGS, frames.length);
  const known = new Uint8Array(size);
  let covered = 0;
  for (let i = 0; i < size; i++) {
    let count = 0;
    for (let n = 0; n < frames.length; n++) {
      const { u: us, v: vs } = frames[n]!;
      if (isKeyLike(us[i]! - 128, vs[i]! - 128, key.u, key.v)) sightings[count++] = n;
    }
    if (count < needed) continue;
    const median = (plane: 'y' | 'u' | 'v'): number => {
      for (let n = 0; n < count; n++) values[n] = frames[sightings[n]!]![plane][i]!;
      return medianOf(values, count);
    };
    y[i] = median('y');
    u[i] = median('u');
    v[i] = median('v');
    known[i] = 1;
    covered++;
  }
  fillGaps({ y, u, v }, known, width, height);
  const boxSum = createBoxSum(width, height);
  for (const plane of planes) {
    const sums = boxSum(plane, 2);
    for (let i = 0; i < size; i++) plane[i] = Math.round(sums[i]! / 25);
  }
  return { plate: { width, height, y, u, v }, cover: covered / size };
}
