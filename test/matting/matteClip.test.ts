import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { matteClip } from '../../src/matting/matteClip.ts';
import type { MatteOutcome, MatteRequest } from '../../src/matting/matteJob.ts';
import { drawClip, SCENES, tools } from './drawnClips.ts';
import { decodeWebmAlpha, intersectionOverUnion, probe, soundSeconds } from './readBack.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-matting-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function matte(inputPath: string, options: Partial<MatteRequest> = {}): Promise<MatteOutcome> {
  return matteClip(
    {
      inputPath,
      outputPath: `${inputPath}.out.webm`,
      model: 'original',
      format: 'webm',
      background: { type: 'transparent' },
      tools,
      ...options,
    },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
}

test('a figure before an uneven green screen is cut out, and its sound is kept', async () => {
  const clip = join(folder, 'green.mp4');
  const truth = await drawClip(SCENES.greenScreen, clip, { sound: ['-c:a', 'aac'] });
  const outcome = await matte(clip);
  expect(outcome).toMatchObject({ ok: true, engine: 'screen', frames: 30, durationSeconds: 1.5 });
  const output = `${clip}.out.webm`;
  expect(intersectionOverUnion(await decodeWebmAlpha(output), truth)).toBeGreaterThan(0.95);
  const { streams, durationSeconds } = await probe(output);
  expect(streams.map((stream) => stream.codec_name)).toEqual(['vp9', 'opus']);
  expect(streams[0]!.tags).toMatchObject({ ALPHA_MODE: '1' });
  expect(durationSeconds).toBeCloseTo(1.5, 1);
  expect(await soundSeconds(output)).toBeGreaterThanOrEqual(1.5);
});

test.each(['light', 'human', 'pro'] as const)(
  'the %s model cuts the figure out too',
  async (model) => {
    const clip = join(folder, `${model}.mp4`);
    const truth = await drawClip(SCENES.greenScreen, clip, { frames: 10 });
    const outcome = await matte(clip, { model, prompt: 'the person' });
    expect(outcome).toMatchObject({ ok: true, warnings: ['text_prompt_ignored'] });
    const alpha = await decodeWebmAlpha(`${clip}.out.webm`);
    expect(intersectionOverUnion(alpha, truth)).toBeGreaterThan(0.9);
  },
);

test('a figure that walks across a patterned wall is cut out', async () => {
  const clip = join(folder, 'walker.mp4');
  const truth = await drawClip(SCENES.walker, clip, { frames: 40 });
  expect(await matte(clip)).toMatchObject({ ok: true, engine: 'difference' });
  const alpha = await decodeWebmAlpha(`${clip}.out.webm`);
  expect(intersectionOverUnion(alpha, truth)).toBeGreaterThan(0.9);
});

test('a figure that stays in its place is cut out, with no more than medium confidence', async () => {
  const clip = join(folder, 'speaker.mp4');
  const truth = await drawClip(SCENES.speaker, clip);
  const outcome = await matte(clip);
  expect(outcome).toMatchObject({ ok: true, engine: 'subject' });
  expect(outcome.ok && outcome.confidence).toBeLessThanOrEqual(0.6);
  const alpha = await decodeWebmAlpha(`${clip}.out.webm`);
  expect(intersectionOverUnion(alpha, truth)).toBeGreaterThan(0.9);
});

test('a clip in which nothing moves fails, says why and leaves no file', async () => {
  const clip = join(folder, 'nobody.mp4');
  await drawClip(SCENES.nobody, clip, { frames: 20 });
  const outcome = await matte(clip);
  expect(outcome).toMatchObject({ ok: false, code: 'sandbox_no_confident_matte' });
  expect(!outcome.ok && outcome.reason).toMatch(/nothing moves/);
  expect((await readdir(folder)).filter((name) => name.startsWith('nobody'))).toEqual([
    'nobody.mp4',
  ]);
});

test('an empty green screen is not handed back as a success', async () => {
  const clip = join(folder, 'empty.mp4');
  await drawClip({ ...SCENES.greenScreen, walk: SCENES.nobody.walk }, clip, { frames: 10 });
  expect(await matte(clip)).toMatchObject({ ok: false, code: 'sandbox_no_confident_matte' });
  await expect(access(`${clip}.out.webm`)).rejects.toThrow();
});

test('a file that is no video is called unreadable', async () => {
  const clip = join(folder, 'notes.mp4');
  await writeFile(clip, 'not a video');
  expect(await matte(clip)).toMatchObject({ ok: false, code: 'sandbox_unreadable_input' });
});

test('a preview holds the beginning only, picture and sound', async () => {
  const clip = join(folder, 'preview.mp4');
  await drawClip(SCENES.greenScreen, clip, { sound: ['-c:a', 'aac'] });
  expect(await matte(clip, { previewSeconds: 0.5 })).toMatchObject({ ok: true, frames: 10 });
  expect((await probe(`${clip}.out.webm`)).durationSeconds).toBeCloseTo(0.5, 1);
});

test('transparency in mp4 is refused', async () => {
  const clip = join(folder, 'absent.mp4');
  expect(await matte(clip, { format: 'mp4' })).toMatchObject({ ok: false });
});
