import type { Frame } from '../../grid/frame.ts';
import { createMotionMask, type Motion } from '../plate/motion.ts';
import { withMotion } from './hint.ts';
import type { ColorLean } from './learnSubject.ts';
import { createSegmenter } from './segmenter.ts';

/** Evidence, in nats, for what was the subject one frame ago and against what was not. */
const INERTIA = 0.4;

/** What the subject engine has found out, beside the plate. */
export interface SubjectGuess {
  readonly kind: 'subject';
  readonly motion: Pick<Motion, 'plate' | 'moved'>;
  /** Evidence from place, in nats. */
  readonly standing: Float32Array;
  readonly lean: ColorLean;
  readonly islandShare: number;
}

/**
 * Outlines the subject on one small picture after the other, 4:4:4, leaning on the last outline.
 *
 * @returns 0 or 255, an array of its own
 */
export function createOutliner({
  motion,
  standing,
  lean,
  islandShare,
}: SubjectGuess): (picture: Frame) => Uint8Array {
  const { width, height } = motion.plate;
  const findMotion = createMotionMask(motion.plate, width, height);
  const segment = createSegmenter(lean, width, height, islandShare);
  let last: Uint8Array | undefined;

  return (picture) => {
    const hint = withMotion(standing, motion, findMotion(picture));
    if (last !== undefined) {
      for (let i = 0; i < hint.length; i++) hint[i] = hint[i]! + INERTIA * (2 * last[i]! - 1);
    }
    last = segment(picture, hint).slice();
    return last.map((is) => 255 * is);
  };
}
