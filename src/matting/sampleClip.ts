import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { Model } from '../core/model.ts';
import type { ClipSamples } from './engines/engine.ts';
import type { Frame } from './grid/frame.ts';
import { shrinkFrame } from './grid/shrink.ts';
import type { ColorMatrix, SourceInfo } from './media/probeSource.ts';
import { readFrames } from './media/readFrames.ts';

/** The longer side of the sample pictures: `pro` outlines a subject that stays more finely. */
const LONG_SIDE: Readonly<Record<Model, number>> = {
  original: 240,
  light: 240,
  pro: 320,
  human: 240,
};
const MOST_FRAMES = 48;
/** When nothing says how long a clip is, its first part stands for it. */
const ASSUMED_SECONDS = 20;

/**
 * Takes the small frames that engines decide by. Constant memory, one pass over the clip.
 *
 * @throws ProcessFailed when the clip cannot be decoded; the signal's reason when aborted
 */
export async function sampleClip(
  source: SourceInfo,
  tools: FfmpegTools,
  model: Model,
  part: { readonly matrix: ColorMatrix; readonly limitSeconds: number | undefined },
  signal: AbortSignal,
): Promise<ClipSamples> {
  const { limitSeconds } = part;
  const known = source.durationSeconds ?? limitSeconds ?? ASSUMED_SECONDS;
  const seconds = Math.min(known, limitSeconds ?? known);
  const frames = Math.max(1, Math.floor((seconds * source.rate.num) / source.rate.den));
  const rateFor = (count: number): string => String(Math.min(count, frames) / seconds);

  const scale = Math.min(1, LONG_SIDE[model] / Math.max(source.width, source.height));
  const width = Math.max(2, Math.round(source.width * scale));
  const height = Math.max(2, Math.round(source.height * scale));
  const small: Frame[] = [];
  const spread = (count: number): AsyncIterable<Frame> =>
    readFrames(source, tools, { ...part, rate: rateFor(count) }, signal);
  for await (const frame of spread(MOST_FRAMES)) {
    small.push(shrinkFrame(frame, width, height));
    if (small.length === MOST_FRAMES) break;
  }
  return { source, small, spread };
}
