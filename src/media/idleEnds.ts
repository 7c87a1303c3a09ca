import type { MediaInfo } from '../core/clip.ts';
import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { decoderOptions } from './decoderOptions.ts';
import { smallFrames, type SmallFrame } from './smallFrames.ts';

/** How long nothing is to be seen, or nothing moves, at the ends of a clip; microseconds. */
export interface IdleEnds {
  readonly headUs: number;
  readonly tailUs: number;
}

/** As much of each end is looked at; a clip of twice that is looked at whole. */
const WINDOW_SECONDS = 30;
/** Shorter stillness belongs to the picture. */
const LEAST_SECONDS = 1;
/** Clips say how long they are less exactly than when their frames are. */
const SLACK_SECONDS = 0.15;
/** Of 255: what a tenth of full light leaves. */
const BLACK = 25;
/**
 * Of 255: how far the mean may depart while nothing moves, and any one area. Keyframes and coarse
 * coding (x264, CRF 18 to 30, from 360 lines on) were seen to move them by 0.54 and 5.
 */
const STILL_MEAN = 0.6;
const STILL_AREA = 6;

/**
 * Finds black or frozen ends: of each kind one stretch, so that a slide show keeps all its slides
 * but one. A clip that is so from end to end has none: there is nothing to keep.
 *
 * @throws Error when the clip cannot be decoded
 */
export async function findIdleEnds(
  path: string,
  { durationUs, videoCodec }: MediaInfo,
  tools: FfmpegTools,
): Promise<IdleEnds> {
  const seconds = durationUs / 1e6;
  const whole = seconds <= 2 * WINDOW_SECONDS;
  const decoder = decoderOptions(videoCodec);
  const look = (from: number, length: number): Promise<readonly SmallFrame[]> =>
    smallFrames(path, from, length, decoder, tools);
  const head = await look(0, whole ? seconds + 1 : WINDOW_SECONDS);
  const tail = whole ? head : await look(seconds - WINDOW_SECONDS, WINDOW_SECONDS + 1);
  const headSeconds = idleFor(head, whole ? seconds : WINDOW_SECONDS);
  if (headSeconds > seconds - SLACK_SECONDS) return { headUs: 0, tailUs: 0 };
  const tailSeconds = idleFor(mirrored(tail, seconds), whole ? seconds : WINDOW_SECONDS);
  return { headUs: microseconds(headSeconds), tailUs: microseconds(tailSeconds) };
}

/** The frames as seen from the end, where time runs backwards. */
function mirrored(frames: readonly SmallFrame[], end: number): readonly SmallFrame[] {
  return frames
    .map(({ areas }, index) => ({ areas, at: end - (frames[index + 1]?.at ?? end) }))
    .reverse();
}

/** For how many seconds from 0 on frames are black or frozen. */
function idleFor(frames: readonly SmallFrame[], end: number): number {
  const kinds = new Set<boolean>();
  let since = 0;
  let first = frames[0];
  while (first !== undefined && !kinds.has(isBlack(first))) {
    const reference = first;
    const black = isBlack(reference);
    const next = frames.find(
      (frame) =>
        frame.at > since && (black ? !isBlack(frame) : isBlack(frame) || moves(frame, reference)),
    );
    const until = next?.at ?? end;
    if (until - since < LEAST_SECONDS) break;
    kinds.add(black);
    since = until;
    first = next;
  }
  return since;
}

function isBlack({ areas }: SmallFrame): boolean {
  return areas.every((level) => level <= BLACK);
}

/** Held against the first frame of a stretch, not the one before: a slow change adds up. */
function moves(frame: SmallFrame, reference: SmallFrame): boolean {
  let sum = 0;
  for (const [index, level] of frame.areas.entries()) {
    const difference = Math.abs(level - (reference.areas[index] ?? 0));
    if (difference > STILL_AREA) return true;
    sum += difference;
  }
  return sum > STILL_MEAN * frame.areas.length;
}

function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6);
}
