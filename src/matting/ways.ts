import type { Model } from '../core/model.ts';
import type { Treatment } from './crew/matter.ts';
import type { EngineName } from './engines/engine.ts';
import { createTracker } from './engines/tracker.ts';
import { createLearnedMatte } from './learned/learnedMatte.ts';
import { openModel } from './learned/openModel.ts';
import type { MatteRequest } from './matteJob.ts';
import type { ColorMatrix, SourceInfo } from './media/probeSource.ts';
import type { RenderShot } from './renderMatte.ts';
import { route } from './route.ts';
import type { Shot } from './survey.ts';

const LOWEST_CONFIDENCE = 0.35;

/** A shot that no engine can matte, and why. */
export class NoMatte extends Error {
  override readonly name = 'NoMatte';
}

/** How a shot is matted, and what is told about it. */
export interface Way extends Pick<Treatment, 'method' | 'contour'>, Pick<RenderShot, 'follow'> {
  readonly engine: EngineName;
  readonly confidence?: number;
  readonly warnings: readonly string[];
}

/**
 * The user's own model for all shots, or for each the built-in engine that fits it.
 *
 * @throws RbgvError when the model cannot be used; what it returns throws NoMatte
 */
export async function openWays(
  { learned, model }: MatteRequest,
  source: SourceInfo,
  matrix: ColorMatrix,
): Promise<(shot: Shot) => Promise<Way>> {
  const contour = model === 'light' ? 'soft' : 'refined';
  if (learned === undefined) return (shot) => fitShot(shot, model, contour);
  const open = await openModel(learned.path, learned.runtime);
  return () => {
    // Of a shot's own: what a recurrent model remembers must not outlive a cut.
    const matte = createLearnedMatte(open, source, matrix);
    const follow: Way['follow'] = async ({ frame, alpha }) => {
      await matte(frame, alpha);
      return {};
    };
    return Promise.resolve({ engine: 'learned', warnings: [], method: undefined, contour, follow });
  };
}

/** @throws NoMatte */
async function fitShot(shot: Shot, model: Model, contour: Way['contour']): Promise<Way> {
  const fit = await route(shot.samples, model);
  if (!fit.ok) throw new NoMatte(aboutShot(shot, fit.reason));
  if (fit.confidence < LOWEST_CONFIDENCE) {
    const badly = `the ${fit.engine} method fits, but badly`;
    throw new NoMatte(aboutShot(shot, `${badly} (${fit.confidence.toFixed(2)} of 1)`));
  }
  const track = createTracker(fit.method);
  return { ...fit, contour, follow: ({ frame }) => track?.(frame) ?? {} };
}

/** A reason, and which shot of several it is about. */
export function aboutShot({ fromUs, toUs }: Shot, reason: string): string {
  if (fromUs === 0 && toUs === undefined) return reason;
  const from = (fromUs / 1e6).toFixed(2);
  const to = toUs === undefined ? 'the end' : `${(toUs / 1e6).toFixed(2)} s`;
  return `in the shot from ${from} s to ${to} ${reason}`;
}
