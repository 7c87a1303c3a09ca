import type { Clip, ProbedClip, RejectedClip } from '../core/clip.ts';
import type { Estimate, Tariff } from '../core/estimate.ts';
import { estimateClip } from '../pricing/estimateClip.ts';

export interface Survey {
  readonly estimates: readonly Estimate[];
  readonly rejected: readonly RejectedClip[];
}

/** Files read at the same time: enough to hide the disk, few enough for the open-file limit. */
const READERS = 8;

/**
 * Looks into every clip and prices it under every model. The order of the clips is kept.
 *
 * @param onProbed called after each clip with the number looked at so far
 * @throws the signal's reason when aborted
 */
export async function surveyClips(
  clips: readonly Clip[],
  probe: (clip: Clip) => Promise<ProbedClip | RejectedClip>,
  tariff: Tariff,
  onProbed: (count: number) => void,
  signal?: AbortSignal,
): Promise<Survey> {
  const probed: (ProbedClip | RejectedClip)[] = [];
  const left = clips.entries();
  let count = 0;
  const walk = async (): Promise<void> => {
    for (const [index, clip] of left) {
      signal?.throwIfAborted();
      probed[index] = await probe(clip);
      count += 1;
      onProbed(count);
    }
  };
  await Promise.all(Array.from({ length: READERS }, walk));
  const estimates: Estimate[] = [];
  const rejected: RejectedClip[] = [];
  for (const result of probed) {
    if ('media' in result) estimates.push(estimateClip(result, tariff));
    else rejected.push(result);
  }
  return { estimates, rejected };
}
