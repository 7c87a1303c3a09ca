import type { Composition } from '../core/composition.ts';
import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { openCrew, type Threads } from './crew/crew.ts';
import type { Slot, Treatment } from './crew/matter.ts';
import type { EncoderOptions } from './encode/encoderArguments.ts';
import { openFrameSink } from './encode/frameSink.ts';
import { canvasOf } from './encode/placeOnCanvas.ts';
import type { Track } from './engines/engine.ts';
import { readFrames } from './media/readFrames.ts';

/** Everything that is settled before the first frame of the output. */
export interface RenderJob {
  readonly tools: FfmpegTools;
  /** Its source is the clip. */
  readonly encoding: Omit<EncoderOptions, 'isSteady'>;
  /** Where the clip's pictures stand in those that come out; `undefined` leaves them as they are. */
  readonly composition: Composition | undefined;
  readonly outputPath: string;
  /** To matte on; on the caller's own when missing. The result is the same. */
  readonly threads: Threads | undefined;
  /** Told after each frame how many are done. */
  readonly onFrame: (frames: number) => void;
  readonly signal: AbortSignal;
}

/** A shot that is to be matted in one way. */
export interface RenderShot {
  /** Time of the next shot's first frame, microseconds; `undefined` for the last. */
  readonly toUs: number | undefined;
  readonly isSteady: boolean;
  readonly treatment: Treatment;
  /**
   * Told of each frame, in order and before it is matted: follows what passes between frames, or
   * mattes it there and then.
   */
  readonly follow: (slot: Slot) => Track | Promise<Track>;
}

/** What came out of a shot. */
export interface RenderedShot<S extends RenderShot> {
  readonly shot: S;
  readonly frames: number;
  /** Mean opacity, 0..1. */
  readonly cover: number;
}

/** What came out. */
export interface Rendered<S extends RenderShot> {
  readonly shots: readonly RenderedShot<S>[];
  readonly frames: number;
  /** When the last frame is shown, microseconds. */
  readonly lastUs: number;
}

/**
 * The main pass: decode, matte, encode. Frames are read in order, matted in any, written in order,
 * and no more of them are on their way than there are slots.
 *
 * @param shots the first is asked for before anything is started, each other one when its first
 *   frame is there
 * @param accept looks at the result before the file gets its name; `false` leaves no file
 * @throws ProcessFailed when either ffmpeg fails; whatever `shots` throws; a thread's error; the
 *   signal's reason when aborted
 */
export async function renderMatte<S extends RenderShot>(
  job: RenderJob,
  shots: AsyncIterator<S, void, undefined>,
  accept: (rendered: Rendered<S>) => boolean,
): Promise<Rendered<S>> {
  const { encoding, composition, tools, signal } = job;
  const { source, matrix, limitSeconds } = encoding;
  const first = await shots.next();
  if (first.done === true) return { shots: [], frames: 0, lastUs: 0 };
  const crew = openCrew(job.threads, { source, composition });
  const { isSteady } = first.value;
  const canvas = canvasOf(source, composition);
  const options = { ...encoding, source: canvas, isSteady };
  const sink = openFrameSink(options, job.outputPath, tools, signal);
  const done: Mutable<RenderedShot<S>>[] = [];
  let current: Mutable<RenderedShot<S>>;
  let frames = 0;
  let lastUs = 0;
  /** When the frame that was in each slot last is written. */
  const writes = crew.slots.map(() => Promise.resolve());
  const place = (frame: number): number => frame % writes.length;

  const begin = (shot: S): void => {
    current = { shot, frames: 0, cover: 0 };
    done.push(current);
    crew.begin(shot.treatment);
  };
  const write = async (
    slot: Slot,
    timeUs: number,
    shot: Mutable<RenderedShot<S>>,
    before: Promise<void> | undefined,
    opacity: Promise<number>,
  ): Promise<void> => {
    const [cover] = await Promise.all([opacity, before]);
    shot.cover = (shot.cover * shot.frames + cover) / ++shot.frames;
    const { frame, alpha } = slot.placed;
    await sink.write({ frame, timeUs }, encoding.hasAlpha ? alpha : undefined);
    job.onFrame(++frames);
  };

  try {
    begin(first.value);
    let read = 0;
    const next = async (): Promise<Uint8Array> => {
      await writes[place(read)];
      return crew.slots[place(read)]!.picture;
    };
    for await (const timed of readFrames(source, tools, { matrix, limitSeconds, next }, signal)) {
      lastUs = timed.timeUs;
      if (timed.timeUs >= (current!.shot.toUs ?? Infinity)) {
        const shot = await shots.next();
        if (shot.done !== true) begin(shot.value);
      }
      const slot = crew.slots[place(read)]!;
      const opacity = crew.matte(slot, await current!.shot.follow(slot));
      const before = writes[place(read + writes.length - 1)];
      const written = write(slot, timed.timeUs, current!, before, opacity);
      // Observed here because it is waited for only when its slot is needed again.
      written.catch(() => undefined);
      writes[place(read++)] = written;
    }
    await Promise.all(writes);
    const rendered = { shots: done, frames, lastUs };
    if (accept(rendered)) await sink.finish();
    return rendered;
  } finally {
    await Promise.all([crew.close(), sink.discard()]);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
