import type { Frame } from '../../grid/frame.ts';
import { EIGHTHS } from '../plate/differ.ts';
import { createColorModel } from '../subject/colorModel.ts';

/** How little of a colour, as a natural logarithm of its share, makes it familiar at all. */
const RAREST = -7.5;
/** What each nat above that is worth, and what familiarity is worth at most. */
const WORTH = 5 * EIGHTHS;
const MOST = 26 * EIGHTHS;

/**
 * For each colour bin, how much less than a strange colour one of the subject's own has to differ
 * from the plate: dark hair before a dark shelf hardly does. Learnt from all that moved in a clip.
 *
 * @param frames 4:4:4
 * @param masks for each frame, 1 where it differs clearly from the plate
 * @returns in the units of `Differ`
 */
export function familiarColours(
  frames: readonly Frame[],
  masks: readonly Uint8Array[],
): Float32Array {
  const subject = createColorModel();
  for (const [n, { y, u, v }] of frames.entries()) {
    const mask = masks[n]!;
    for (let i = 0; i < mask.length; i++) if (mask[i] === 1) subject.add(y[i]!, u[i]!, v[i]!, 1);
  }
  return subject.logarithms().map((log) => Math.max(0, Math.min(MOST, WORTH * (log - RAREST))));
}
