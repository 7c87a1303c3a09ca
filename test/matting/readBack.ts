import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { FFMPEG_ENV } from '../../src/core/ffmpegTools.ts';
import { tools } from './drawnClips.ts';

const run = promisify(execFile);

/** Decodes a file to raw pictures of one pixel format. */
export async function decode(
  path: string,
  pixelFormat: string,
  filters = 'null',
  input: readonly string[] = [],
): Promise<Buffer> {
  const { stdout } = await run(
    tools.ffmpegPath,
    [
      ...['-v', 'error', '-nostdin', ...input, '-i', path, '-vf', filters],
      ...['-vsync', '0', '-pix_fmt', pixelFormat, '-f', 'rawvideo', '-'],
    ],
    { env: FFMPEG_ENV, encoding: 'buffer', maxBuffer: 1e9 },
  );
  return stdout;
}

/** The alpha plane of a WebM: only libvpx decodes it, and only when told to before the file. */
export function decodeWebmAlpha(path: string): Promise<Buffer> {
  return decode(path, 'gray', 'alphaextract', ['-c:v', 'libvpx-vp9']);
}

export interface Stream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly color_space?: string;
  readonly nb_read_packets?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What ffprobe says; packets counted. */
export async function probe(
  path: string,
): Promise<{ readonly streams: readonly Stream[]; readonly durationSeconds: number }> {
  const { stdout } = await run(
    tools.ffprobePath,
    ['-v', 'error', '-count_packets', '-show_streams', '-show_format', '-of', 'json', path],
    { env: FFMPEG_ENV },
  );
  const { streams, format } = JSON.parse(stdout) as {
    streams: Stream[];
    format: { duration?: string };
  };
  return { streams, durationSeconds: Number(format.duration) };
}

/** Seconds of sound, from the times of its packets. */
export async function soundSeconds(path: string): Promise<number> {
  const { stdout } = await run(
    tools.ffprobePath,
    [
      ...['-v', 'error', '-select_streams', 'a:0', '-show_entries'],
      ...['packet=pts_time,duration_time', '-of', 'json', path],
    ],
    { env: FFMPEG_ENV },
  );
  const { packets } = JSON.parse(stdout) as {
    packets: { pts_time: string; duration_time?: string }[];
  };
  const last = packets.at(-1);
  return last === undefined ? 0 : Number(last.pts_time) + Number(last.duration_time ?? 0);
}

/**
 * How well two planes of opacity agree, over all frames: what both call opaque, as a share of what
 * either does. 1 is perfect.
 */
export function intersectionOverUnion(found: Uint8Array, truth: Uint8Array): number {
  if (found.length !== truth.length) {
    throw new Error(`sizes differ: ${found.length} and ${truth.length}`);
  }
  let both = 0;
  let either = 0;
  for (let i = 0; i < truth.length; i++) {
    const a = found[i]! >= 128;
    const b = truth[i]! >= 128;
    if (a && b) both++;
    if (a || b) either++;
  }
  return both / either;
}

/** When each picture is shown, in seconds, ascending. */
export async function pictureTimes(path: string): Promise<number[]> {
  const { stdout } = await run(
    tools.ffprobePath,
    [
      ...['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time'],
      ...['-of', 'json', path],
    ],
    { env: FFMPEG_ENV },
  );
  const { packets } = JSON.parse(stdout) as { packets: { pts_time: string }[] };
  return packets.map(({ pts_time }) => Number(pts_time)).sort((a, b) => a - b);
}
