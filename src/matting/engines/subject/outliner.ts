import { createBoxSum } from '../../grid/box.ts';
import { type Frame, half, halveLuma } from '../../grid/frame.ts';
import { resizePlane } from '../../grid/resize.ts';
import { shrinkPlane } from '../../grid/shrink.ts';
import { createMotionMask, type Motion } from '../plate/motion.ts';
import { colorBin } from './colorModel.ts';
import { withMotion } from './hint.ts';
import type { ColorLean } from './learnSubject.ts';
import type { Segment } from './segmenter.ts';

/** Evidence, in nats, for what was the subject one frame ago and against what was not. */
const INERTIA = 0.4;
/** Colours that speak this clearly against the subject, in nats, make a guess at the outline's rim. */
const AGAINST = -2;
const HESITATION = 64;
/** The rim is this wide, as a share of the picture's height: gaps in hair, between arm and body. */
const RIM = 1 / 24;

/** The first guess of the subject engine: the outline of each frame, leaning on the last one. */
export function createOutliner(
  { width, height }: { readonly width: number; readonly height: number },
  motion: Motion,
  standing: Float32Array,
  segment: Segment,
  lean: ColorLean,
): (frame: Frame) => Uint8Array {
  const { width: smallWidth, height: smallHeight } = motion.plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const luma = new Uint8Array(gridWidth * gridHeight);
  const findMotion = createMotionMask(motion.plate, smallWidth, smallHeight);
  const shrink = (plane: Uint8Array): Uint8Array =>
    shrinkPlane(plane, gridWidth, gridHeight, smallWidth, smallHeight);
  const boxSum = createBoxSum(gridWidth, gridHeight);
  const reach = Math.max(1, Math.round(height * RIM));
  const wholly = 255 * (2 * reach + 1) ** 2;
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
    const prior = resizePlane(opaque, smallWidth, smallHeight, gridWidth, gridHeight);
    const around = boxSum(prior, reach);
    const fine = { y: luma, u, v };
    for (let i = 0; i < prior.length; i++) {
      if (prior[i]! < 128 || around[i] === wholly) continue;
      if (lean[colorBin(fine, i)]! < AGAINST) prior[i] = HESITATION;
    }
    return prior;
  };
}
