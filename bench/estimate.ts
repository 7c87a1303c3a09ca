import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

import { FFMPEG_ENV, type FfmpegTools } from '../src/core/ffmpegTools.ts';
import { timed, type Row } from './measure.ts';

const CLIPS = 1000;
/** The loop is measured on a part and scaled: it takes the same for each file. */
const LOOPED = 100;

/** `rbgv estimate` on a thousand clips against a shell loop of ffprobe. */
export async function benchEstimate(folder: string, tools: FfmpegTools): Promise<readonly Row[]> {
  const clips = join(folder, 'clips');
  await mkdir(clips);
  const first = join(clips, 'clip-0.mp4');
  const source = ['-f', 'lavfi', '-i', 'testsrc=s=640x360:r=25:d=4'];
  await execa(
    tools.ffmpegPath,
    ['-nostdin', '-v', 'error', ...source, '-pix_fmt', 'yuv420p', first],
    {
      env: FFMPEG_ENV,
    },
  );
  for (let clip = 1; clip < CLIPS; clip += 1) {
    await copyFile(first, join(clips, `clip-${clip}.mp4`));
  }
  const env = { RBGV_STATE_DIR: join(folder, 'state'), RBGV_CONFIG_DIR: join(folder, 'config') };
  const ours = await timed(() =>
    execa('node', ['bin/rbgv.js', 'estimate', '--profile', 'sandbox', '--json', clips], { env }),
  );
  const loop = await timed(async () => {
    for (let clip = 0; clip < LOOPED; clip += 1) {
      const path = join(clips, `clip-${clip}.mp4`);
      await execa(
        tools.ffprobePath,
        ['-v', 'error', '-show_entries', 'format=duration', '-of', 'json', path],
        { env: FFMPEG_ENV },
      );
    }
  });
  const looped = (loop / LOOPED) * CLIPS;
  return [
    {
      what: `\`rbgv estimate\` on ${CLIPS} clips`,
      figure: `${(ours / 1000).toFixed(2)} s`,
      against: `loop of ffprobe: ${(looped / 1000).toFixed(1)} s (from ${LOOPED} clips)`,
      ratio: `${(looped / ours).toFixed(0)} × faster`,
    },
  ];
}
