import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { composite } from './encode/composite.ts';
import type { EncoderOptions } from './encode/encoderArguments.ts';
import { openFrameSink } from './encode/frameSink.ts';
import type { Cutout } from './encode/placeOnCanvas.ts';
import type { Frame } from './grid/frame.ts';
import type { SourceInfo } from './media/probeSource.ts';
import { readFrames } from './media/readFrames.ts';

/** Everything that is settled before the first frame of the output. */
export interface RenderJob {
  readonly tools: FfmpegTools;
  readonly source: SourceInfo;
  /** Its source has the size of what comes out. */
  readonly encoding: EncoderOptions;
  readonly outputPath: string;
  /** Writes a frame's opacity, and its subject's own colours over its own. Frames come in order. */
  readonly matte: (frame: Frame, alpha: Uint8Array) => void | Promise<void>;
  /** Puts each picture where it stands in what comes out; `undefined` leaves it as it is. */
  readonly place: ((cutout: Cutout) => Cutout) | undefined;
  /** What the subject is laid over; `undefined` keeps the alpha channel. */
  readonly backdrop: Frame | undefined;
  /** Told after each frame how many are done. */
  readonly onFrame: (frames: number) => void;
  readonly signal: AbortSignal;
}

/** What came out. */
export interface Rendered {
  readonly frames: number;
  /** Mean opacity over the whole clip, 0..1. */
  readonly cover: number;
}

/**
 * The main pass: decode, matte, encode, one frame after the other.
 *
 * @param accept looks at the result before the file gets its name; `false` leaves no file
 * @throws ProcessFailed when either ffmpeg fails; the signal's reason when aborted
 */
export async function renderMatte(
  job: RenderJob,
  accept: (rendered: Rendered) => boolean,
): Promise<Rendered> {
  const { source, encoding, matte, place, backdrop, tools, signal } = job;
  const { matrix, limitSeconds } = encoding;
  const { width, height, rate } = source;
  const alpha = new Uint8Array(width * height);
  let frames = 0;
  let opacity = 0;

  const sink = openFrameSink(encoding, job.outputPath, tools, signal);
  try {
    const wanted = { matrix, limitSeconds, rate: `${rate.num}/${rate.den}` };
    for await (const frame of readFrames(source, tools, wanted, signal)) {
      await matte(frame, alpha);
      opacity += mean(alpha) / 255;
      const cutout = place === undefined ? { frame, alpha } : place({ frame, alpha });
      if (backdrop === undefined) await sink.write(cutout.frame, cutout.alpha);
      else {
        composite(cutout.frame, cutout.alpha, backdrop);
        await sink.write(cutout.frame, undefined);
      }
      job.onFrame(++frames);
    }
    const rendered = { frames, cover: frames === 0 ? 0 : opacity / frames };
    if (accept(rendered)) await sink.finish();
    return rendered;
  } finally {
    await sink.discard();
  }
}

function mean(values: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
