import type { Estimate } from '../core/estimate.ts';
import { findIdleEnds, type IdleEnds } from '../media/idleEnds.ts';
import type { Context } from './context.ts';
import { createProgressLine } from './report/progressLine.ts';

/** Idle ends of a clip as it was found, and what was done about them. */
export interface FoundEnds extends IdleEnds {
  /** The clip's length as it was found, in microseconds. */
  readonly durationUs: number;
  readonly done: 'left' | 'copied' | 'encoded';
}

/**
 * Looks for black or frozen ends of clips.
 *
 * @returns one for each estimate; `undefined` where there are none, or where it cannot be decoded
 * @throws the signal's reason when aborted
 */
export async function lookAtEnds(
  estimates: readonly Estimate[],
  context: Context,
  signal?: AbortSignal,
): Promise<readonly (FoundEnds | undefined)[]> {
  const tools = await context.tools();
  const progress = createProgressLine(context.terminal);
  const found: (FoundEnds | undefined)[] = [];
  try {
    for (const { clip } of estimates) {
      signal?.throwIfAborted();
      progress.update(`looking at both ends: ${found.length + 1}/${estimates.length}`);
      const idle = await findIdleEnds(clip.path, clip.media, tools).catch(() => undefined);
      const isIdle = idle !== undefined && idle.headUs + idle.tailUs > 0;
      const { durationUs } = clip.media;
      found.push(isIdle ? { ...idle, durationUs, done: 'left' } : undefined);
    }
  } finally {
    progress.stop();
  }
  return found;
}
