import type { MediaInfo } from '../core/clip.ts';
import { FFMPEG_ENV, type FfmpegTools } from '../core/ffmpegTools.ts';
import { decoderOptions } from './decoderOptions.ts';

/** How long nothing is to be seen, or nothing moves, at the ends of a clip; microseconds. */
export interface IdleEnds {
  readonly headUs: number;
  readonly tailUs: number;
}

/** As much of each end is looked at; a clip of twice that is looked at whole. */
const WINDOW_SECONDS = 30;
/** Shorter stillness belongs to the picture. */
const LEAST_SECONDS = 1;
/** Ends of intervals are times of frames: so much may lie between them and the clip's own. */
const SLACK_SECONDS = 0.15;
const TIME_LIMIT_MS = 120_000;

/**
 * Finds black or frozen ends. A clip that is so from end to end has none: there is nothing to keep.
 * The bundled ffmpeg 4.1 knows no freezes, and sees black alone.
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
  const options = decoderOptions(videoCodec);
  const look = (from: number, length: number): Promise<readonly Interval[]> =>
    idleIntervals(path, from, length, options, tools);
  const head = await look(0, whole ? seconds + 1 : WINDOW_SECONDS);
  const tail = whole ? head : await look(seconds - WINDOW_SECONDS, WINDOW_SECONDS + 1);
  const headSeconds = reach(head, 0);
  if (headSeconds > seconds - SLACK_SECONDS) return { headUs: 0, tailUs: 0 };
  // Seen from the end, time runs backwards.
  const mirrored = tail.map(({ from, to }) => ({ from: seconds - to, to: seconds - from }));
  const tailSeconds = reach(mirrored, 0);
  return { headUs: microseconds(headSeconds), tailUs: microseconds(tailSeconds) };
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

/** How far intervals that touch each other lead away from a moment. */
function reach(intervals: readonly Interval[], from: number): number {
  let at = from;
  for (const { from: begin, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    if (begin <= at + SLACK_SECONDS) at = Math.max(at, to);
  }
  return at - from < LEAST_SECONDS ? 0 : at - from;
}

async function idleIntervals(
  path: string,
  from: number,
  length: number,
  options: readonly string[],
  tools: FfmpegTools,
): Promise<readonly Interval[]> {
  const { execa } = await import('execa');
  const freezes = tools.origin === 'system' ? `,freezedetect=n=0.001:d=${LEAST_SECONDS}` : '';
  const filter = `scale=160:-2,blackdetect=d=${LEAST_SECONDS}:pix_th=0.1${freezes}`;
  const { stderr } = await execa(
    tools.ffmpegPath,
    [
      ...['-nostdin', '-nostats', '-hide_banner', '-v', 'info', '-protocol_whitelist', 'file'],
      ...options,
      ...['-ss', String(from), '-t', String(length), '-i', path],
      ...['-map', '0:v:0', '-vf', filter, '-f', 'null', '-'],
    ],
    { env: FFMPEG_ENV, stdin: 'ignore', timeout: TIME_LIMIT_MS, maxBuffer: 50_000_000 },
  );
  const found: Interval[] = [];
  let frozenSince: number | undefined;
  for (const line of stderr.split('\n')) {
    const black = /black_start:(-?[\d.]+) black_end:([\d.]+)/.exec(line);
    if (black !== null) found.push({ from: from + Number(black[1]), to: from + Number(black[2]) });
    const freeze = /freezedetect\.freeze_(start|end): (-?[\d.]+)/.exec(line);
    if (freeze === null) continue;
    const at = from + Number(freeze[2]);
    if (freeze[1] === 'start') frozenSince = at;
    else if (frozenSince !== undefined) {
      found.push({ from: frozenSince, to: at });
      frozenSince = undefined;
    }
  }
  // One that lasts to the end has no end in the report.
  if (frozenSince !== undefined) found.push({ from: frozenSince, to: from + length });
  return found;
}

function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6);
}
