import type { Model } from '../core/model.ts';
import { fitDifference } from './engines/difference/fitDifference.ts';
import type { ClipSamples, Fit } from './engines/engine.ts';
import { measureMotion } from './engines/plate/motion.ts';
import { motionHull } from './engines/plate/motionHull.ts';
import { SWEEPING, sweepScore } from './engines/plate/sweep.ts';
import { fitScreen } from './engines/screen/fitScreen.ts';
import { fitSubject } from './engines/subject/fitSubject.ts';

/** A fixed camera's border changes less than this, even when people walk in. */
const MOVING_BORDER = 0.3;
const LEAST_MOTION = 0.003;

/**
 * Picks the engine for a clip, in order of how well each does where it fits: a coloured screen;
 * then, before a fixed camera, a subject that crosses the picture, or one that stays.
 */
export async function route(samples: ClipSamples, model: Model): Promise<Fit> {
  const screen = fitScreen(samples, model);
  if (screen.ok) return screen;
  const motion = measureMotion(samples.small);
  if (motion.borderShare > MOVING_BORDER) {
    return misfit(`${screen.reason}, and the camera moves`);
  }
  const moved = motion.moved.reduce((sum, is) => sum + is, 0) / motion.moved.length;
  if (moved < LEAST_MOTION) {
    return misfit(`${screen.reason}, and nothing moves that could be told from its background`);
  }
  const hull = motionHull(motion);
  const score = sweepScore(samples.small, motion, hull);
  if (score > SWEEPING) return fitDifference(samples, motion, score, model);
  const subject = await fitSubject(samples, motion, hull, model);
  return subject.ok ? subject : misfit(`${screen.reason}, and ${subject.reason}`);
}

function misfit(reason: string): Fit {
  return { ok: false, reason };
}
