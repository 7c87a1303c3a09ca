import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';

import type { MediaInfo } from '../core/clip.ts';
import { FFMPEG_ENV, type FfmpegTools } from '../core/ffmpegTools.ts';
import { KEPT_CODECS } from './conversion.ts';
import { decoderOptions } from './decoderOptions.ts';
import { ffprobe, INPUT_FORMATS, keyframes, packetsAround, type PacketTimes } from './ffprobe.ts';
import type { IdleEnds } from './idleEnds.ts';

/** Below the service's 500 MB by what its average may miss the most by. */
const AIM_BITS = 440_000_000 * 8;
/** What x264 can be told. */
const MOST_BITS = 500_000_000;
const AUDIO_BITS = 128_000;
/** Codecs show a picture at most so many packets before others that are decoded first. */
const REORDERED = 32;
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
  /** The picture is copied as it is, up to what is decoded before this; else encoded again. */
  readonly copyUntilSeconds: number | undefined;
}

/**
 * Where pictures can be copied from a keyframe near the end of the idle head to the end of a group,
 * a little of head and tail may stay.
 */
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
  const end = { shown: endSeconds, decoded: endSeconds };
  const isKept = KEPT_CODECS.has(videoCodec) && keyframe >= head * 0.75;
  const group = isKept
    ? tailUs === 0
      ? end
      : await groupEnd(source, endSeconds, tools)
    : undefined;
  if (group === undefined) return { beginSeconds: head, endSeconds, copyUntilSeconds: undefined };
  return { beginSeconds: keyframe, endSeconds: group.shown, copyUntilSeconds: group.decoded };
}

/**
 * The first place from a moment on where every picture decoded before it is shown before it: cut
 * elsewhere, pictures that are shown in between would be missing. Such a place ends each group of B
 * frames.
 */
async function groupEnd(
  source: string,
  seconds: number,
  tools: FfmpegTools,
): Promise<PacketTimes | undefined> {
  const packets = await packetsAround(source, seconds, tools);
  let latest = -Infinity;
  for (const [index, { shown, decoded }] of packets.entries()) {
    const before = packets[index - 1];
    const rest = packets.slice(index, index + REORDERED);
    const next = Math.min(...rest.map((packet) => packet.shown));
    if (before !== undefined && next >= seconds - 0.001 && latest < next && rest.length > 1) {
      return { shown: next, decoded: (before.decoded + decoded) / 2 };
    }
    latest = Math.max(latest, shown);
  }
  return undefined;
}

/**
 * Writes a part of a clip as an mp4.
 *
 * @throws Error that says why it cannot be done
 */
export async function cutClip(
  source: string,
  codec: string,
  { beginSeconds, endSeconds, copyUntilSeconds }: Cut,
  target: string,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<void> {
  // A hair behind the keyframe: rounding must not lead to the one before.
  const isCopied = copyUntilSeconds !== undefined;
  const seek = beginSeconds + (isCopied ? 0.001 : 0);
  const from = beginSeconds === 0 ? [] : ['-ss', seek.toFixed(6)];
  const input = [...decoderOptions(codec), ...from, '-i', source];
  // What is copied is cut by the time of decoding.
  const length = ['-t', ((copyUntilSeconds ?? endSeconds) - beginSeconds).toFixed(6)];
  const picture = isCopied ? ['-c:v', 'copy'] : FINE;
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
