import { type Frame, half, halveLuma } from '../../grid/frame.ts';
import { resizePlane } from '../../grid/resize.ts';
import { shrinkPlane } from '../../grid/shrink.ts';
import { createMotionMask, type Motion } from '../plate/motion.ts';
import { withMotion } from './hint.ts';
import type { Segment } from './segmenter.ts';

/** Evidence, in nats, for what was the subject one frame ago and against what was not. */
const INERTIA = 0.4;

/** The first guess of the subject engine: the outline of each frame, leaning on the last one. */
export function createOutliner(
  { width, height }: { readonly width: number; readonly height: number },
  motion: Motion,
  standing: Float32Array,
  segment: Segment,
): (frame: Frame) => Uint8Array {
  const { width: smallWidth, height: smallHeight } = motion.plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const luma = new Uint8Array(gridWidth * gridHeight);
  const findMotion = createMotionMask(motion.plate, smallWidth, smallHeight);
  const shrink = (plane: Uint8Array): Uint8Array =>
    shrinkPlane(plane, gridWidth, gridHeight, smallWidth, smallHeight);
  let last: Uint8Array | undefined;

  return ({ y, u, v }) => {
    halveLuma(y, width, height, luma);
    const picture = { y: shrink(luma), u: shrink(u), v: shrink(v) };
    const hint = withMotion(standing, motion, findMotion(picture));
    if (last !== undefined) {
      for (let i = 0; i < hint.length; i++) hint[i] = hint[i]! + INERTIA * (2 * last[i]! - 1);
    }
    const mask = segment(picture, hint);
    last = mask.slice();
    const opaque = mask.map((is) => 255 * is);
    return resizePlane(opaque, smallWidth, smallHeight, gridWidth, gridHeight);
  };
}
