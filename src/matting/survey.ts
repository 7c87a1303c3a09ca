import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { Model } from '../core/model.ts';
import { createCutFinder } from './cuts.ts';
import type { ShotSamples } from './engines/engine.ts';
import type { Frame } from './grid/frame.ts';
import type { ColorMatrix, SourceInfo } from './media/probeSource.ts';
import { readFrames, type TimedFrame } from './media/readFrames.ts';
import { ProcessFailed } from './media/runProcess.ts';

/** A clip that ffmpeg cannot decode. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable';
}

/** What a camera filmed in one go. */
export interface Shot {
  /** Time of its first frame, microseconds. */
  readonly fromUs: number;
  /** Time of the next shot's first frame; `undefined` for the last shot. */
  readonly toUs: number | undefined;
  /** Whether its frames are where the clip's rate puts them, counted from the clip's beginning. */
  readonly isSteady: boolean;
  readonly samples: ShotSamples;
}

/** How a clip is worked: all of it or its beginning, in which matrix, and for which model. */
export interface Working {
  readonly model: Model;
  readonly matrix: ColorMatrix;
  readonly limitSeconds: number | undefined;
}

/** The longer side of the small pictures: `pro` outlines a subject that stays more finely. */
const LONG_SIDE: Readonly<Record<Model, number>> = {
  original: 240,
  light: 240,
  pro: 320,
  human: 240,
};
const MOST_SAMPLES = 48;
/** Containers round times, to milliseconds at worst. */
const GRID_US = 1_100;
const US_PER_SECOND = 1_000_000;

/**
 * Goes through a clip on small pictures and finds its shots. Each is yielded as soon as it is over;
 * until the next one is asked for, decoding stands still. Constant memory.
 *
 * @throws Undecodable; the signal's reason when aborted
 */
export async function* surveyShots(
  source: SourceInfo,
  tools: FfmpegTools,
  working: Working,
  signal: AbortSignal,
): AsyncGenerator<Shot, void, undefined> {
  const isCut = createCutFinder();
  let current: TimedFrame | undefined;
  let samples = collectSamples(usPerFrame(source));
  const shot = (toUs: number | undefined): Shot => {
    const { fromUs, lastUs, frames, isSteady } = samples;
    const lengthUs = toUs === undefined ? lastUs - fromUs + usPerFrame(source) : toUs - fromUs;
    return {
      fromUs,
      toUs,
      isSteady,
      samples: {
        source,
        small: samples.pick(MOST_SAMPLES),
        spread: (count) =>
          spreadFrames(Math.min(count, frames), fromUs, lengthUs, source, tools, working, signal),
      },
    };
  };

  try {
    for await (const after of smallFrames(source, tools, working, signal)) {
      if (current !== undefined) {
        if (isCut(current.frame, after.frame)) {
          yield shot(current.timeUs);
          samples = collectSamples(usPerFrame(source));
        }
        samples.add(current);
      }
      current = after;
    }
  } catch (error) {
    throw error instanceof ProcessFailed ? new Undecodable(error.message) : error;
  }
  if (current === undefined) return;
  if (isCut(current.frame, undefined)) {
    yield shot(current.timeUs);
    samples = collectSamples(usPerFrame(source));
  }
  samples.add(current);
  yield shot(undefined);
}

function smallFrames(
  source: SourceInfo,
  tools: FfmpegTools,
  { model, matrix, limitSeconds }: Working,
  signal: AbortSignal,
): AsyncIterable<TimedFrame> {
  const scale = Math.min(1, LONG_SIDE[model] / Math.max(source.width, source.height));
  const width = Math.max(2, Math.round(source.width * scale));
  const height = Math.max(2, Math.round(source.height * scale));
  const next = (): Uint8Array => new Uint8Array(3 * width * height);
  const options = { matrix, limitSeconds, small: { width, height }, next };
  return readFrames(source, tools, options, signal);
}

async function* spreadFrames(
  count: number,
  fromUs: number,
  lengthUs: number,
  source: SourceInfo,
  tools: FfmpegTools,
  { matrix }: Working,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, undefined> {
  // Half a frame early, so that rounding never misses the first one nor meets the next shot's.
  const early = Math.min(fromUs, usPerFrame(source) / 2);
  const options = {
    matrix,
    fromSeconds: (fromUs - early) / US_PER_SECOND,
    limitSeconds: lengthUs / US_PER_SECOND,
    rate: `${count}*${US_PER_SECOND}/${lengthUs}`,
  };
  for await (const { frame } of readFrames(source, tools, options, signal)) yield frame;
}

function usPerFrame({ rate }: SourceInfo): number {
  return (US_PER_SECOND * rate.den) / rate.num;
}

/** The frames of a shot so far, thinned out as they come. */
interface Samples {
  readonly fromUs: number;
  readonly lastUs: number;
  readonly frames: number;
  readonly isSteady: boolean;
  add(timed: TimedFrame): void;
  /** At most so many, evenly spread. */
  pick(count: number): Frame[];
}

function collectSamples(usPerFrame: number): Samples {
  const kept: Frame[] = [];
  let stride = 1;
  let fromUs = 0;
  let lastUs = 0;
  let frames = 0;
  let isSteady = true;
  return {
    get fromUs() {
      return fromUs;
    },
    get lastUs() {
      return lastUs;
    },
    get frames() {
      return frames;
    },
    get isSteady() {
      return isSteady;
    },
    add({ frame, timeUs }) {
      if (frames === 0) fromUs = timeUs;
      lastUs = timeUs;
      const off = timeUs - Math.round(timeUs / usPerFrame) * usPerFrame;
      const expected = Math.round(fromUs / usPerFrame) + frames;
      isSteady &&= Math.abs(off) < GRID_US && Math.round(timeUs / usPerFrame) === expected;
      if (frames++ % stride === 0) kept.push(frame);
      if (kept.length < 2 * MOST_SAMPLES) return;
      stride *= 2;
      for (let n = 0; n < kept.length; n++) kept.splice(n + 1, 1);
    },
    pick(count) {
      const wanted = Math.min(count, kept.length);
      return Array.from(
        { length: wanted },
        (_, n) => kept[Math.floor(((n + 0.5) * kept.length) / wanted)]!,
      );
    },
  };
}
