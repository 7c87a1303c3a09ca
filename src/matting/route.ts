import type { Model } from '../core/model.ts';
import { stabilise } from './engines/camera/stabilise.ts';
import { fitDifference } from './engines/difference/fitDifference.ts';
import type { ShotSamples, Fit } from './engines/engine.ts';
import { measureMotion, type Motion } from './engines/plate/motion.ts';
import { motionHull } from './engines/plate/motionHull.ts';
import { SWEEPING, sweepScore } from './engines/plate/sweep.ts';
import { fitScreen } from './engines/screen/fitScreen.ts';
import { fitSubject } from './engines/subject/fitSubject.ts';

/** A fixed camera's border changes less than this, even when people walk in. */
const MOVING_BORDER = 0.3;
/** Held still by computation it must be clearer: what is left moving would become the subject. */
const UNSTEADY_BORDER = 0.15;
const LEAST_MOTION = 0.003;

/**
 * Picks the engine for a clip, in order of how well each does where it fits: a coloured screen;
 * then, before a camera that stands still or can be held still, a subject that crosses the picture,
 * or one that stays.
 */
export async function route(samples: ShotSamples, model: Model): Promise<Fit> {
  const screen = fitScreen(samples, model);
  if (screen.ok) return screen;
  const motion = measureMotion(samples.small);
  const fit = await (motion.borderShare > MOVING_BORDER
    ? fitMovingCamera(samples, model)
    : fitStillCamera(samples, motion, model));
  return fit.ok ? fit : { ok: false, reason: `${screen.reason}, and ${fit.reason}` };
}

async function fitMovingCamera(samples: ShotSamples, model: Model): Promise<Fit> {
  const { samples: steady, release } = stabilise(samples);
  const motion = measureMotion(steady.small);
  if (motion.borderShare > UNSTEADY_BORDER) return { ok: false, reason: 'the camera moves' };
  const fit = await fitStillCamera(steady, motion, model);
  return fit.ok ? release(fit) : fit;
}

async function fitStillCamera(samples: ShotSamples, motion: Motion, model: Model): Promise<Fit> {
  const moved = motion.moved.reduce((sum, is) => sum + is, 0) / motion.moved.length;
  if (moved < LEAST_MOTION) {
    return { ok: false, reason: 'nothing moves that could be told from its background' };
  }
  const hull = motionHull(motion);
  const score = sweepScore(samples.small, motion, hull);
  if (score > SWEEPING) return fitDifference(samples, motion, score, model);
  return fitSubject(samples, motion, hull, model);
}
