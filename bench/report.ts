import { join } from 'node:path';

import { execa } from 'execa';

import { FFMPEG_ENV, type FfmpegTools } from '../src/core/ffmpegTools.ts';
import { beforeAndAfter } from '../src/media/beforeAndAfter.ts';
import { makeSmokeClip } from '../src/media/makeSmokeClip.ts';
import { verifyOutput } from '../src/media/verify.ts';
import { reportPage } from '../src/report/page.ts';
import { reportedClip, reportOf } from '../test/report/sampleReport.ts';
import { median, timed, type Row } from './measure.ts';

const CLIPS = 10_000;
const RUNS = 5;

/** A page of ten thousand clips, and what a pictured clip adds to a run beside the check of its output. */
export async function benchReport(folder: string, tools: FfmpegTools): Promise<readonly Row[]> {
  const clips = Array.from({ length: CLIPS }, (_, index) =>
    reportedClip({ name: `shelf-${index % 40}/clip ${index}.mp4` }),
  );
  let page = '';
  const pageMs: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    pageMs.push(
      await timed(() => {
        page = reportPage(reportOf(clips), new Map());
        return Promise.resolve();
      }),
    );
  }
  const { source, output } = await make720p(folder, tools);
  const wish = { format: 'webm', durationUs: 1e6, framesPerSecond: 25 } as const;
  const at = { path: output, format: 'webm', position: 0.5 } as const;
  const checkMs: number[] = [];
  const pictureMs: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const expected = { ...wish, transparent: false, audio: false };
    checkMs.push(await timed(() => verifyOutput(output, expected, tools)));
    pictureMs.push(await timed(() => beforeAndAfter(source, at, tools)));
  }
  const [check, pictures] = [median(checkMs), median(pictureMs)];
  return [
    {
      what: `report of ${CLIPS} clips without pictures`,
      figure: `${median(pageMs).toFixed(0)} ms, ${(page.length / 1e6).toFixed(1)} MB`,
      against: 'one clip',
      ratio: `${((median(pageMs) / CLIPS) * 1000).toFixed(0)} µs, ${(page.length / CLIPS).toFixed(0)} bytes`,
    },
    {
      what: 'before and after pictures of one 720p clip (24 clips at most)',
      figure: `${pictures.toFixed(0)} ms`,
      against: `check of its 1 s output: ${check.toFixed(0)} ms`,
      ratio: `${(pictures / check).toFixed(1)} ×`,
    },
  ];
}

async function make720p(
  folder: string,
  tools: FfmpegTools,
): Promise<{ readonly source: string; readonly output: string }> {
  const small = join(folder, 'small.mp4');
  const [source, output] = [join(folder, 'source.mp4'), join(folder, 'output.webm')];
  await makeSmokeClip(small, tools);
  const enlarge = ['-nostdin', '-v', 'error', '-y', '-i', small, '-vf', 'scale=1280:720', '-an'];
  const vp9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'];
  await execa(tools.ffmpegPath, [...enlarge, source], { env: FFMPEG_ENV });
  await execa(tools.ffmpegPath, [...enlarge, ...vp9, output], { env: FFMPEG_ENV });
  return { source, output };
}
