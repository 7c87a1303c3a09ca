import { FFMPEG_ENV, type FfmpegTools } from '../core/ffmpegTools.ts';

/** A frame as a coarse grey picture: each byte is the mean of an area, 0 black to 255 white. */
export interface SmallFrame {
  /** Seconds from the beginning of the clip. */
  readonly at: number;
  readonly areas: Uint8Array;
}

const SIZE = { width: 64, height: 36 } as const;
const AREAS = SIZE.width * SIZE.height;
const TIME_LIMIT_MS = 120_000;

/**
 * Decodes every frame of a part of a clip, each with its own time. About 14 MB for a minute of 100
 * frames a second.
 *
 * @param from seconds
 * @param length seconds
 * @param decoder input options that choose one
 * @throws Error when the part cannot be decoded
 */
export async function smallFrames(
  path: string,
  from: number,
  length: number,
  decoder: readonly string[],
  tools: FfmpegTools,
): Promise<readonly SmallFrame[]> {
  const { execa } = await import('execa');
  // Averaged to the size first: what is left of noise and of coding is less than a shade.
  const filter = `scale=${SIZE.width}:${SIZE.height}:flags=area,format=gray,showinfo`;
  const { stdout, stderr } = await execa(
    tools.ffmpegPath,
    [
      ...['-nostdin', '-nostats', '-hide_banner', '-v', 'info', '-protocol_whitelist', 'file'],
      ...[...decoder, '-ss', String(from), '-t', String(length), '-i', path],
      ...['-map', '0:v:0', '-vf', filter, '-vsync', '0', '-f', 'rawvideo', '-'],
    ],
    {
      env: FFMPEG_ENV,
      encoding: 'buffer',
      stdin: 'ignore',
      timeout: TIME_LIMIT_MS,
      maxBuffer: 100_000_000,
    },
  );
  const times = [
    ...Buffer.from(stderr)
      .toString('latin1')
      .matchAll(/ pts_time:(-?[\d.e+-]+)/g),
  ];
  return times
    .map(([, time], index) => ({
      at: from + Number(time),
      areas: stdout.subarray(index * AREAS, (index + 1) * AREAS),
    }))
    .filter(({ areas }) => areas.length === AREAS);
}
