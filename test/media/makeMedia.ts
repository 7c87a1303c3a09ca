import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { FFMPEG_ENV } from '../../src/core/ffmpegTools.ts';
import { locateTools } from '../../src/media/locateTools.ts';

export const tools = await locateTools({});

/** Runs ffmpeg to make a clip for a test. */
export async function ffmpeg(...options: readonly string[]): Promise<void> {
  await promisify(execFile)(tools.ffmpegPath, ['-nostdin', '-v', 'error', '-y', ...options], {
    env: { ...process.env, ...FFMPEG_ENV },
  });
}

/** A moving test picture, 128x72 at 25 frames a second. */
export function picture(seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-i', `testsrc=size=128x72:rate=25:duration=${seconds}`];
}

export function tone(seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
}

export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] as const;
export const VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'] as const;

/**
 * Input and filter of a one-second clip with alpha, labelled `[v]`.
 *
 * @param luma of the alpha plane, as an expression over X, Y and T
 */
export function withAlpha(luma: string, format: string): readonly string[] {
  const mask = `[1]format=gray,geq=lum='${luma}'[mask]`;
  const blank = ['-f', 'lavfi', '-i', 'color=black:size=128x72:rate=25:duration=1'];
  const graph = `${mask};[0][mask]alphamerge,format=${format}[v]`;
  return [...picture(1), ...blank, '-filter_complex', graph, '-map', '[v]'];
}

/** A disc that moves: opaque inside, clear outside. */
export const DISC = String.raw`255*lt(hypot(X-20-60*T\,Y-36)\,20)`;

/** Copies the first bytes of a file, as a broken-off download leaves them. */
export async function cut(from: string, to: string, share: number): Promise<void> {
  const bytes = await readFile(from);
  await writeFile(to, bytes.subarray(0, Math.floor(bytes.length * share)));
}
