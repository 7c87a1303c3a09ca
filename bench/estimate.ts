import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

import { FFMPEG_ENV, type FfmpegTools } from '../src/core/ffmpegTools.ts';
import { surveyClips } from '../src/batch/survey.ts';
import { expandInputs } from '../src/files/expandInputs.ts';
import { createProber } from '../src/media/probe.ts';
import { loadTariff } from '../src/pricing/tariff.ts';
import { timed, type Row } from './measure.ts';

const CLIPS = 1000;
/** The loop is measured on a part and scaled: it takes the same for each file. */
const LOOPED = 100;

/** Looking into a thousand clips, and `rbgv estimate` on them, against a loop of ffprobe. */
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
  const tariff = await loadTariff({
    now: Date.now(),
    fetchRates: () => Promise.reject(new Error('offline')),
    readCache: () => Promise.resolve(undefined),
    writeCache: () => Promise.resolve(),
  });
  const ours = await timed(() =>
    execa('node', ['bin/rbgv.js', 'estimate', '--profile', 'sandbox', '--json', clips], { env }),
  );
  const found = await expandInputs([clips], { cwd: folder });
  const probing = await timed(() =>
    surveyClips(found.clips, createProber(tools), tariff, () => undefined),
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
  const against = `loop of ffprobe: ${(looped / 1000).toFixed(1)} s (from ${LOOPED} clips)`;
  return [
    {
      what: `probing ${CLIPS} clips, in a process that runs`,
      figure: `${(probing / 1000).toFixed(2)} s`,
      against,
      ratio: `${(looped / probing).toFixed(0)} × faster`,
    },
    {
      what: `\`rbgv estimate\` on ${CLIPS} clips, from start to exit`,
      figure: `${(ours / 1000).toFixed(2)} s`,
      against,
      ratio: `${(looped / ours).toFixed(0)} × faster`,
    },
  ];
}
