import { beginBox, boxRow } from './box';
import { sumsAbove } from './bytes';
import { Region } from './shapes';

/** What a first guess says about a pixel. Only the solid kinds may teach colours to others. */
export const SOLID_BACKGROUND: u8 = 0;
const BACKGROUND: u8 = 1;
export const UNKNOWN: u8 = 2;
const FOREGROUND: u8 = 3;
export const SOLID_FOREGROUND: u8 = 4;

/**
 * Sorts the pixels of a prior (0..255) into the five kinds. Unknown is a band along the contour and
 * wherever the prior itself hesitates.
 *
 * @param region outside of it and at its edges the prior is zero
 * @param core radius of the square that is all subject around a pixel that solidly is
 * @param doubt how far from the contour it may lie in truth, in pixels of the prior
 * @param kinds written in the region; to its right it then holds anything
 * @param room see `beginBox`, and three planes and a row of 32 bits more
 */
export function makeTrimap(
  prior: usize,
  width: i32,
  height: i32,
  region: Region,
  core: i32,
  doubt: i32,
  kinds: usize,
  room: usize,
): void {
  const mask = room;
  const unknown = mask + width * height + 16;
  const sorted = unknown + width * height + 16;
  const sums = sorted + width * height + 16;
  const boxes = sums + 4 * width + 64;
  const one = i8x16.splat(1);

  beginBox(prior, width, region, 1, boxes);
  for (let y = region.top; y < region.bottom; y++) {
    boxRow(y, sums);
    for (let x = region.left, s = sums; x < region.right; x += 16, s += 64) {
      v128.store(mask + y * width + x, v128.and(sumsAbove(s, 9 * 128 - 1), one));
    }
  }

  const full = (2 * core + 1) * (2 * core + 1);
  beginBox(mask, width, region, core, boxes);
  for (let y = region.top; y < region.bottom; y++) {
    boxRow(y, sums);
    for (let x = region.left, s = sums; x < region.right; x += 16, s += 64) {
      const i = y * width + x;
      const p = v128.load(prior + i);
      // More than a quarter and less than three quarters of the square are subject.
      const isContour = v128.andnot(sumsAbove(s, full >> 2), sumsAbove(s, (3 * full - 1) >> 2));
      const hesitates = v128.and(
        i8x16.gt_u(p, i8x16.splat(5)),
        i8x16.lt_u(p, i8x16.splat(<i8>251)),
      );
      v128.store(unknown + i, v128.and(v128.or(isContour, hesitates), one));
      const isSubject = i8x16.eq(v128.load(mask + i), one);
      const isEmpty = v128.andnot(i8x16.lt_u(p, i8x16.splat(30)), sumsAbove(s, 0));
      let kind = v128.bitselect(i8x16.splat(FOREGROUND), i8x16.splat(BACKGROUND), isSubject);
      kind = v128.andnot(kind, isEmpty);
      kind = v128.bitselect(i8x16.splat(SOLID_FOREGROUND), kind, sumsAbove(s, full - 1));
      v128.store(sorted + i, kind);
    }
  }

  beginBox(unknown, width, region, doubt, boxes);
  for (let y = region.top; y < region.bottom; y++) {
    boxRow(y, sums);
    for (let x = region.left, s = sums; x < region.right; x += 16, s += 64) {
      const i = y * width + x;
      const kind = v128.bitselect(i8x16.splat(UNKNOWN), v128.load(sorted + i), sumsAbove(s, 3));
      v128.store(kinds + i, kind);
    }
  }
}
