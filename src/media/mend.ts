import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';

import type { MediaInfo } from '../core/clip.ts';
import { FFMPEG_ENV, type FfmpegTools } from '../core/ffmpegTools.ts';
import { KEPT_CODECS } from './conversion.ts';
import { decoderOptions } from './decoderOptions.ts';
import { ffprobe, INPUT_FORMATS, keyframes } from './ffprobe.ts';
import type { IdleEnds } from './idleEnds.ts';

/** Below the service's 500 MB by what its average may miss the most by. */
const AIM_BITS = 440_000_000 * 8;
/** What x264 can be told. */
const MOST_BITS = 500_000_000;
const AUDIO_BITS = 128_000;
const TIME_LIMIT_MS = 3_600_000;

const ENCODE = ['-c:v', 'libx264', '-preset', 'medium', '-pix_fmt', 'yuv420p'] as const;
const FINE = [...ENCODE, '-crf', '18'] as const;
const AUDIO = ['-c:a', 'aac', '-b:a', String(AUDIO_BITS)] as const;

/**
 * Writes a clip as an mp4 that the service accepts: the picture copied where mp4 can hold it,
 * encoded again where it cannot, or where the file is too large.
 *
 * @throws Error that says why it cannot be done
 */
export async function convertToFit(
  source: string,
  target: string,
  isTooLarge: boolean,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<void> {
  const reading = await ffprobe(source, tools);
  if (!reading.ok) throw new Error(reading.reason);
  const { video, durationUs } = reading.value;
  if (video === undefined) throw new Error('the file holds no moving picture');
  const seconds = (video.durationUs ?? durationUs ?? 0) / 1e6;
  if (isTooLarge && seconds <= 0) throw new Error('how long it lasts cannot be read');
  const rate = Math.min(Math.floor(AIM_BITS / seconds) - AUDIO_BITS, MOST_BITS);
  const smaller = ['-crf', 18, '-maxrate', rate, '-bufsize', 2 * rate].map(String);
  const kept = KEPT_CODECS.has(video.codec) ? ['-c:v', 'copy'] : FINE;
  const picture = isTooLarge ? [...ENCODE, ...smaller] : kept;
  const input = [...decoderOptions(video.codec), '-i', source];
  await write([...input, ...picture, ...AUDIO], target, tools, signal);
}

/** Where a clip is cut. */
export interface Cut {
  readonly beginSeconds: number;
  readonly endSeconds: number;
  /** Nothing needs to be encoded again. */
  readonly isLossless: boolean;
}

/** Where a keyframe lies near the end of the idle head, a little of that may stay. */
export async function planCut(
  source: string,
  { durationUs, videoCodec }: MediaInfo,
  { headUs, tailUs }: IdleEnds,
  tools: FfmpegTools,
): Promise<Cut> {
  const head = headUs / 1e6;
  const endSeconds = (durationUs - tailUs) / 1e6;
  const times = head === 0 ? [] : await keyframes(source, head, tools);
  const keyframe = Math.max(0, ...times.filter((time) => time <= head + 0.001));
  const isLossless = KEPT_CODECS.has(videoCodec) && keyframe >= head * 0.75;
  return { beginSeconds: isLossless ? keyframe : head, endSeconds, isLossless };
}

/**
 * Writes a part of a clip as an mp4.
 *
 * @throws Error that says why it cannot be done
 */
export async function cutClip(
  source: string,
  codec: string,
  { beginSeconds, endSeconds, isLossless }: Cut,
  target: string,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<void> {
  // A hair behind the keyframe: rounding must not lead to the one before.
  const seek = beginSeconds + (isLossless ? 0.001 : 0);
  const from = beginSeconds === 0 ? [] : ['-ss', seek.toFixed(6)];
  const input = [...decoderOptions(codec), ...from, '-i', source];
  const length = ['-t', (endSeconds - beginSeconds).toFixed(6)];
  const picture = isLossless ? ['-c:v', 'copy'] : FINE;
  await write([...input, ...length, ...picture, ...AUDIO], target, tools, signal);
}

async function write(
  options: readonly string[],
  target: string,
  { ffmpegPath }: FfmpegTools,
  signal: AbortSignal,
): Promise<void> {
  const { execa } = await import('execa');
  const part = `${target}.${randomUUID().slice(0, 8)}.part`;
  const limits = ['-protocol_whitelist', 'file', '-format_whitelist', INPUT_FORMATS];
  const streams = ['-map', '0:v:0', '-map', '0:a:0?', '-sn', '-dn', '-map_metadata', '-1'];
  // The same input gives the same bytes, so that work is known again after the copy is gone.
  const exact = ['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'];
  try {
    const result = await execa(
      ffmpegPath,
      [
        ...['-nostdin', '-nostats', '-hide_banner', '-v', 'error', '-y', ...limits],
        ...options,
        ...[...streams, ...exact, '-movflags', '+faststart', '-f', 'mp4', part],
      ],
      {
        env: FFMPEG_ENV,
        stdin: 'ignore',
        timeout: TIME_LIMIT_MS,
        cancelSignal: signal,
        reject: false,
      },
    );
    signal.throwIfAborted();
    if (result.failed) throw new Error(result.stderr.trim().split('\n').at(-1) ?? 'ffmpeg failed');
    await rename(part, target);
  } finally {
    await rm(part, { force: true });
  }
}
