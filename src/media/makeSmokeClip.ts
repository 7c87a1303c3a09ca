import { execa } from 'execa';

import { FFMPEG_ENV, type FfmpegTools } from '../core/ffmpegTools.ts';

const WIDTH = 320;
const HEIGHT = 180;

/** A head and shoulders that sway, as one expression over X, Y and T: 1 inside, 0 outside. */
const FIGURE =
  'gt(lt(hypot(X-160-24*sin(6.28*T),Y-66),30)+lt(hypot((X-160-24*sin(6.28*T))/1.3,(Y-170)/1.5),52),0)';

/**
 * Makes the clip that smoke tests send: one second, 320x180, 25 fps, a figure before a green screen,
 * with sound. Small, lawful, and known to have a background.
 *
 * @param path ends in `.mp4`
 */
export async function makeSmokeClip(path: string, { ffmpegPath }: FfmpegTools): Promise<void> {
  const channel = (figure: number, screen: number): string => `'if(${FIGURE},${figure},${screen})'`;
  const picture = `nullsrc=s=${WIDTH}x${HEIGHT}:r=25:d=1,format=gbrp,geq=r=${channel(178, 30)}:g=${channel(120, 168)}:b=${channel(92, 72)},noise=alls=6:allf=t`;
  await execa(
    ffmpegPath,
    [
      '-nostdin',
      '-v',
      'error',
      '-y',
      ...['-f', 'lavfi', '-i', picture],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1'],
      ...['-c:v', 'libx264', '-crf', '20', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest'],
      path,
    ],
    { env: FFMPEG_ENV, stdin: 'ignore', timeout: 60_000 },
  );
}
