import type { Frame } from './grid/frame.ts';

/** Levels by which a pixel of a small picture must differ to count as changed: above noise. */
const CHANGED = 12;
/** From here on so much of the picture has changed that it is another one. */
const LEAST_CHANGE = 0.45;
/** A shaking camera changes much all the time; a cut stands out from what was before it. */
const STANDS_OUT = 2.5;
const REMEMBERED = 8;
/** A flash passes: this share of its change, at least, is gone with the next picture. */
const PASSED = 0.5;

/** Whether a new shot begins at a frame; asked frame after frame, told the one that follows. */
export type IsCut = (frame: Frame, after: Frame | undefined) => boolean;

/** Finds hard cuts on small pictures. Dissolves and fades are not found. */
export function createCutFinder(): IsCut {
  const recent: number[] = [];
  let last: Frame | undefined;
  return (frame, after) => {
    const before = last ?? frame;
    const change = changedShare(before, frame);
    const usual = recent.toSorted((a, b) => a - b)[recent.length >> 1] ?? 0;
    if (change < LEAST_CHANGE || change < STANDS_OUT * usual) {
      recent.push(change);
      if (recent.length > REMEMBERED) recent.shift();
      last = frame;
      return false;
    }
    if (after !== undefined && changedShare(before, after) < PASSED * change) return false;
    recent.length = 0;
    last = frame;
    return true;
  };
}

function changedShare(a: Frame, b: Frame): number {
  let changed = 0;
  for (let i = 0; i < a.y.length; i++) {
    if (
      Math.abs(a.y[i]! - b.y[i]!) > CHANGED ||
      Math.abs(a.u[i]! - b.u[i]!) > CHANGED ||
      Math.abs(a.v[i]! - b.v[i]!) > CHANGED
    ) {
      changed++;
    }
  }
  return changed / a.y.length;
}
