import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';

import type { MediaInfo } from '../../src/core/clip.ts';
import { cutClip, planCut } from '../../src/media/mend.ts';
import { createProber } from '../../src/media/probe.ts';
import { ffmpeg, tools } from './makeMedia.ts';

let folder: string;
let clip: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-mend-'));
  clip = join(folder, 'clip.mp4');
  const bFrames = ['-c:v', 'libx264', '-bf', '3', '-g', '250', '-pix_fmt', 'yuv420p'];
  await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25:duration=4', ...bFrames, clip);
  return () => rm(folder, { recursive: true, force: true });
});

async function probe(path: string): Promise<MediaInfo> {
  const probed = await createProber(tools)({
    ...{ path, relativePath: 'clip.mp4', sizeBytes: 1, mtimeMs: 0 },
  });
  if (!('media' in probed)) throw new Error(probed.reason);
  return probed.media;
}

/** Pictures that decoding the whole file gives. */
async function countFrames(path: string): Promise<number> {
  const only = ['-select_streams', 'v:0', '-count_frames', '-of', 'csv=p=0'];
  const entries = ['-show_entries', 'stream=nb_read_frames'];
  const { stdout } = await execa(tools.ffprobePath, ['-v', 'error', ...only, ...entries, path]);
  return Number(stdout.trim());
}

test.for([0, 1, 2, 3, 4, 5, 6, 7])(
  'a tail cut off without encoding leaves as many pictures as the file says, at frame %i of a group',
  async (frame) => {
    const media = await probe(clip);
    const tailUs = 1_500_000 - frame * 40_000;
    const cut = await planCut(clip, media, { headUs: 0, tailUs }, tools);
    const target = join(folder, `cut-${frame}.mp4`);
    await cutClip(clip, media.videoCodec, cut, target, tools, new AbortController().signal);
    const { durationUs } = await probe(target);
    expect(cut.copyUntilSeconds).toBeDefined();
    expect(durationUs).toBe((await countFrames(target)) * 40_000);
    expect(durationUs).toBeGreaterThanOrEqual(media.durationUs - tailUs);
    expect(durationUs).toBeLessThan(media.durationUs - tailUs + 400_000);
  },
);
