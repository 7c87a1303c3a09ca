import type { Clip, ProbedClip, RejectedClip } from '../core/clip.ts';
import type { Estimate, Tariff } from '../core/estimate.ts';
import { sideBySide } from '../core/sideBySide.ts';
import { estimateClip } from '../pricing/estimateClip.ts';

export interface Survey<Source extends Clip = Clip> {
  readonly estimates: readonly Estimate[];
  /** What was given for each estimate: the same object. */
  readonly sources: readonly Source[];
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
export async function surveyClips<Source extends Clip>(
  clips: readonly Source[],
  probe: (clip: Clip) => Promise<ProbedClip | RejectedClip>,
  tariff: Tariff,
  onProbed: (count: number) => void,
  signal?: AbortSignal,
): Promise<Survey<Source>> {
  let count = 0;
  const probed = await sideBySide(READERS, clips, async (clip) => {
    signal?.throwIfAborted();
    const result = await probe(clip);
    count += 1;
    onProbed(count);
    return result;
  });
  const estimates: Estimate[] = [];
  const sources: Source[] = [];
  const rejected: RejectedClip[] = [];
  for (const [index, source] of clips.entries()) {
    const result = probed[index];
    if (result === undefined) continue;
    if ('media' in result) {
      estimates.push(estimateClip(result, tariff));
      sources.push(source);
    } else {
      rejected.push(result);
    }
  }
  return { estimates, sources, rejected };
}
