import type { Model } from '../../../core/model.ts';
import type { ShotSamples, FittedEngine } from '../engine.ts';
import { fullPlate, plateFrames } from '../plate/fullPlate.ts';
import { createMotionMask, type Motion } from '../plate/motion.ts';
import { SWEEPING } from '../plate/sweep.ts';
import { familiarColours } from './familiarColours.ts';

/**
 * Subject that crosses the picture of a fixed camera: what differs from the empty scene is the
 * subject. Confidence comes from how clearly it leaves what it hides.
 *
 * @param score of `sweepScore`, above `SWEEPING`
 */
export async function fitDifference(
  { source, small, spread }: ShotSamples,
  { plate, masks }: Motion,
  score: number,
  model: Model,
): Promise<FittedEngine> {
  const background = await fullPlate(
    spread(plateFrames(source.width, source.height)),
    createMotionMask(plate, plate.width, plate.height),
    plate,
  );
  const seen = background.seen.reduce((sum, is) => sum + is, 0) / background.seen.length;
  return {
    ok: true,
    engine: 'difference',
    confidence: seen * Math.min(0.95, 0.6 + 0.35 * (score - SWEEPING)),
    warnings: [],
    method: {
      background,
      guess: { kind: 'difference', familiar: familiarColours(small, masks), model },
    },
  };
}
