import type { Frame } from '../grid/frame.ts';
import { createShrinkFrame } from '../grid/shrink.ts';
import { createAligner, steady } from './camera/stabilise.ts';
import type { Method, Track } from './engine.ts';
import { createOutliner } from './subject/outliner.ts';

/** Follows a shot, one frame after the other and in order. */
export type Tracker = (frame: Frame) => Track;

/**
 * The part of a method that a frame cannot do without those before it. It is done on one thread,
 * on small pictures, and the rest on any; so the result does not depend on how many there are.
 *
 * @returns `undefined` when each frame stands for itself
 */
export function createTracker({ background, guess, reference }: Method): Tracker | undefined {
  const outline = guess.kind === 'subject' ? createOutliner(guess) : undefined;
  if (reference === undefined) {
    if (guess.kind !== 'subject' || outline === undefined) return undefined;
    const shrink = createShrinkFrame(background.plate, guess.motion.plate);
    return (frame) => ({ outline: outline(shrink(frame)) });
  }
  const align = createAligner(reference);
  const shrink = createShrinkFrame(background.plate, reference);
  return (frame) => {
    const picture = shrink(frame);
    const movement = align(picture);
    if (outline === undefined) return { movement };
    return { movement, outline: outline(steady(picture, movement, reference)) };
  };
}
