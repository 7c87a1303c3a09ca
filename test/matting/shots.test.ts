import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { FFMPEG_ENV } from '../../src/core/ffmpegTools.ts';
import { matteClip } from '../../src/matting/matteClip.ts';
import type { MatteOutcome } from '../../src/matting/matteJob.ts';
import { drawClip, type Scene, SCENES, tools } from './drawnClips.ts';
import { decodeWebmAlpha, intersectionOverUnion } from './readBack.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-shots-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function matte(inputPath: string): Promise<MatteOutcome> {
  const request = { inputPath, outputPath: `${inputPath}.out.webm`, tools } as const;
  const background = { type: 'transparent' } as const;
  return matteClip(
    { ...request, model: 'original', format: 'webm', background },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
}

/** One clip of several scenes, each cut hard to the next. */
async function cutTogether(
  name: string,
  scenes: readonly { readonly scene: Scene; readonly frames: number; readonly filters?: string }[],
): Promise<{ readonly clip: string; readonly truth: Uint8Array }> {
  const truths: Uint8Array[] = [];
  const list: string[] = [];
  for (const [n, { scene, frames, filters = 'null' }] of scenes.entries()) {
    const path = join(folder, `${name}-${n}.mp4`);
    truths.push(await drawClip(scene, path, { frames, filters }));
    list.push(`file '${path}'\n`);
  }
  const parts = join(folder, `${name}.txt`);
  await writeFile(parts, list.join(''));
  const clip = join(folder, `${name}.mp4`);
  const reading = ['-v', 'error', '-f', 'concat', '-safe', '0', '-i', parts];
  // Encoded anew with few key frames: cuts need not be key frames.
  const writing = ['-c:v', 'libx264', '-crf', '16', '-sc_threshold', '0', '-g', '300', clip];
  await promisify(execFile)(tools.ffmpegPath, [...reading, ...writing], { env: FFMPEG_ENV });
  return { clip, truth: Buffer.concat(truths) };
}

test('each shot of a clip is cut out in its own way', async () => {
  const { clip, truth } = await cutTogether('edited', [
    { scene: SCENES.greenScreen, frames: 30 },
    { scene: SCENES.walker, frames: 40 },
    { scene: SCENES.greenScreen, frames: 24, filters: 'hue=h=20,eq=gamma=0.85' },
  ]);
  const outcome = await matte(clip);
  expect(outcome).toMatchObject({ ok: true, engine: 'screen+difference', frames: 94 });
  expect(outcome.ok && outcome.shots).toMatchObject([
    { fromSeconds: 0, toSeconds: 1.5, engine: 'screen' },
    { fromSeconds: 1.5, toSeconds: 3.5, engine: 'difference' },
    { fromSeconds: 3.5, toSeconds: 4.7, engine: 'screen' },
  ]);
  const alpha = await decodeWebmAlpha(`${clip}.out.webm`);
  expect(intersectionOverUnion(alpha, truth)).toBeGreaterThan(0.93);
});

test('a shot that cannot be cut out fails the clip, and its time is told', async () => {
  const { clip } = await cutTogether('half', [
    { scene: SCENES.greenScreen, frames: 20 },
    { scene: SCENES.nobody, frames: 16 },
    { scene: SCENES.greenScreen, frames: 16 },
  ]);
  const outcome = await matte(clip);
  expect(outcome).toMatchObject({ ok: false, code: 'sandbox_no_confident_matte' });
  expect(!outcome.ok && outcome.reason).toMatch(/the shot from 1\.00 s to 1\.80 s .*nothing moves/);
  expect((await readdir(folder)).filter((name) => name.includes('out.webm'))).not.toContain(
    'half.mp4.out.webm',
  );
});

test('a flash is not taken for a cut', async () => {
  const clip = join(folder, 'flash.mp4');
  const truth = await drawClip(SCENES.greenScreen, clip, {
    filters: "eq=brightness='if(between(n,9,9),0.3,0)':eval=frame",
  });
  const outcome = await matte(clip);
  expect(outcome.ok && outcome.shots.length).toBe(1);
  const alpha = await decodeWebmAlpha(`${clip}.out.webm`);
  expect(intersectionOverUnion(alpha, truth)).toBeGreaterThan(0.9);
});
