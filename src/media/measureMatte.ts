import { join } from 'node:path';

import type { MatteFigures } from '../core/comparison.ts';
import { FFMPEG_ENV, type FfmpegTools } from '../core/ffmpegTools.ts';
import { isFramesPath } from '../core/frames.ts';
import { decoderOptions } from './decoderOptions.ts';
import { ffprobe, type VideoStream } from './ffprobe.ts';
import { createMatteMeter } from './matteMeter.ts';

/** Longer sides are scaled down to this: rims of a pixel still show, and a minute is soon read. */
const LONGEST_SIDE = 960;
/** So much of a clip is measured. */
const MOST_SECONDS = 60;
const TIME_LIMIT_MS = 300_000;
const LIMITS = ['-protocol_whitelist', 'file'] as const;

/**
 * Measures an output's alpha beside its source, of at most the first 60 seconds: both are decoded at
 * the source's rate and laid one below the other.
 *
 * @param output a video with alpha, or a folder of frames
 * @throws Error that says why it cannot be measured; the signal's reason when aborted
 */
export async function measureMatte(
  source: string,
  output: string,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<MatteFigures> {
  const picture = await videoOf(source, tools);
  const rate = (picture.framesPerSecond ?? 25).toFixed(6);
  const shrink = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(1, Math.round(side * shrink)),
  ) as [number, number];
  const matte = isFramesPath(output)
    ? ['-framerate', rate, '-i', join(output.replaceAll('%', '%%'), 'frame_%06d.png')]
    : [...decoderOptions((await videoOf(output, tools)).codec), '-i', output];
  const paced = `setpts=PTS-STARTPTS,fps=${rate}`;
  const grey = `scale=${width}:${height}:flags=area,format=gray`;
  const graph =
    `[0:v:0]${paced},${grey}[luma];` +
    `[1:v:0]${paced},format=yuva420p,alphaextract,${grey}[alpha];[luma][alpha]vstack=shortest=1`;
  const { execa } = await import('execa');
  const decoder = execa(
    tools.ffmpegPath,
    [
      ...['-nostdin', '-nostats', '-hide_banner', '-v', 'error'],
      ...[...LIMITS, '-t', String(MOST_SECONDS), ...decoderOptions(picture.codec), '-i', source],
      ...[...LIMITS, ...matte],
      ...['-filter_complex', graph, '-f', 'rawvideo', '-'],
    ],
    {
      env: FFMPEG_ENV,
      stdin: 'ignore',
      encoding: 'buffer',
      buffer: { stdout: false },
      timeout: TIME_LIMIT_MS,
      cancelSignal: signal,
      reject: false,
    },
  );
  const meter = createMatteMeter(width, height);
  const size = width * height;
  const pair = new Uint8Array(2 * size);
  let filled = 0;
  for await (const chunk of decoder.stdout as AsyncIterable<Uint8Array>) {
    for (let taken = 0; taken < chunk.length;) {
      const part = chunk.subarray(taken, taken + pair.length - filled);
      pair.set(part, filled);
      taken += part.length;
      filled += part.length;
      if (filled < pair.length) continue;
      meter.add(pair.subarray(0, size), pair.subarray(size));
      filled = 0;
    }
  }
  const result = await decoder;
  signal.throwIfAborted();
  const figures = meter.result();
  if (!result.failed && figures !== undefined) return figures;
  const complaint = Buffer.from(result.stderr).toString().trim().split('\n').at(-1);
  throw new Error(complaint === undefined || complaint === '' ? 'no frame there' : complaint);
}

async function videoOf(path: string, tools: FfmpegTools): Promise<VideoStream> {
  const reading = await ffprobe(path, tools);
  if (!reading.ok) throw new Error(reading.reason);
  if (reading.value.video === undefined) throw new Error('it holds no picture');
  return reading.value.video;
}
