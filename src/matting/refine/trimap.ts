import { createBoxSum } from '../grid/box.ts';
import type { Region } from '../grid/region.ts';

/** What a first guess says about a pixel. Only the solid kinds may teach colours to others. */
export const SOLID_BACKGROUND = 0;
const BACKGROUND = 1;
export const UNKNOWN = 2;
export const FOREGROUND = 3;
export const SOLID_FOREGROUND = 4;

/**
 * Sorts the pixels of a prior (0..255) into the five kinds; the result is overwritten by the next
 * call and holds nothing outside the region. Unknown is a band along the contour and wherever the
 * prior itself hesitates.
 *
 * @param region outside of it and at its edges the prior is zero
 */
export type MakeTrimap = (prior: Uint8Array, region: Region) => Uint8Array;

/**
 * @param frameHeight of the full picture, which sets how thick the solid kinds are at least
 * @param doubt how far from the contour it may lie in truth, in pixels of the prior
 */
export function createTrimap(
  width: number,
  height: number,
  frameHeight: number,
  doubt: number,
): MakeTrimap {
  const size = width * height;
  const boxSum = createBoxSum(width, height);
  const mask = new Uint8Array(size);
  const unknown = new Uint8Array(size);
  const kinds = new Uint8Array(size);
  const core = Math.max(2, Math.round(frameHeight / 180));
  const full = (2 * core + 1) ** 2;

  return (prior, region) => {
    const { left, top, right, bottom } = region;
    const smoothed = boxSum(prior, 1, region);
    for (let y = top; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++) {
        mask[i] = smoothed[i]! >= 9 * 128 ? 1 : 0;
      }
    }
    const around = boxSum(mask, core, region);
    for (let y = top; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++) {
        const p = prior[i]!;
        const count = around[i]!;
        const isContour = 4 * count > full && 4 * count < 3 * full;
        unknown[i] = isContour || (p > 5 && p < 251) ? 1 : 0;
        if (count === full) kinds[i] = SOLID_FOREGROUND;
        else if (count === 0 && p < 30) kinds[i] = SOLID_BACKGROUND;
        else kinds[i] = mask[i] === 1 ? FOREGROUND : BACKGROUND;
      }
    }
    const near = boxSum(unknown, doubt, region);
    for (let y = top; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++) {
        if (near[i]! > 3) kinds[i] = UNKNOWN;
      }
    }
    return kinds;
  };
}
