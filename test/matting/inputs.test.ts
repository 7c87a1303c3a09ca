import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { matteClip, type MatteOutcome, type MatteRequest } from '../../src/matting/matteClip.ts';
import { drawClip, markTurned, SCENES, tools } from './drawnClips.ts';
import { decode, decodeWebmAlpha, intersectionOverUnion, probe, soundSeconds } from './readBack.ts';
import { readStoredZip } from './readStoredZip.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-inputs-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function matte(
  inputPath: string,
  outputPath: string,
  options: Partial<MatteRequest> = {},
): Promise<MatteOutcome> {
  return matteClip(
    {
      inputPath,
      outputPath,
      model: 'light',
      format: 'webm',
      background: { type: 'transparent' },
      tools,
      ...options,
    },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
}

test('a clip with odd sides keeps its size and its outline', async () => {
  const clip = join(folder, 'odd.mkv');
  const encoding = ['-c:v', 'libx264', '-crf', '18', '-pix_fmt', 'yuv444p'];
  const size = { width: 321, height: 181 };
  const truth = await drawClip(SCENES.greenScreen, clip, { ...size, frames: 10, encoding });
  const output = join(folder, 'odd.webm');
  expect(await matte(clip, output, { model: 'original' })).toMatchObject({ ok: true });
  expect((await probe(output)).streams[0]).toMatchObject(size);
  expect(intersectionOverUnion(await decodeWebmAlpha(output), truth)).toBeGreaterThan(0.95);
});

test('an odd clip loses its last line and column in mp4, which has none such', async () => {
  const clip = join(folder, 'odd2.mkv');
  const encoding = ['-c:v', 'libx264', '-pix_fmt', 'yuv444p'];
  await drawClip(SCENES.greenScreen, clip, { width: 321, height: 181, frames: 5, encoding });
  const output = join(folder, 'odd.mp4');
  const background = { type: 'color', rgb: [255, 255, 255] } as const;
  expect(await matte(clip, output, { format: 'mp4', background })).toMatchObject({ ok: true });
  expect((await probe(output)).streams[0]).toMatchObject({ width: 320, height: 180 });
});

test('a clip filmed upright comes out upright', async () => {
  const lying = join(folder, 'lying.mp4');
  const truth = await drawClip(SCENES.greenScreen, lying, {
    ...{ width: 180, height: 320, frames: 8, filters: 'transpose=cclock' },
  });
  const clip = join(folder, 'turned.mp4');
  await markTurned(lying, clip);
  const output = join(folder, 'upright.webm');
  expect(await matte(clip, output)).toMatchObject({ ok: true });
  expect((await probe(output)).streams[0]).toMatchObject({ width: 180, height: 320 });
  expect(intersectionOverUnion(await decodeWebmAlpha(output), truth)).toBeGreaterThan(0.9);
});

test('a clip of uneven frame times keeps its length, and its sound too', async () => {
  const clip = join(folder, 'uneven.mkv');
  await drawClip(SCENES.greenScreen, clip, {
    ...{ frames: 24, rate: 20 },
    filters: "setpts='if(lt(N,16),N/20,0.8+(N-16)/8)/TB'",
    encoding: ['-vsync', 'vfr', '-c:v', 'libx264', '-crf', '18', '-pix_fmt', 'yuv420p'],
    sound: ['-c:a', 'libopus'],
  });
  const output = join(folder, 'even.webm');
  expect(await matte(clip, output)).toMatchObject({ ok: true });
  const before = await probe(clip);
  const after = await probe(output);
  expect(Math.abs(after.durationSeconds - before.durationSeconds)).toBeLessThan(1 / 8);
  expect(await soundSeconds(output)).toBeCloseTo(await soundSeconds(clip), 1);
  expect(after.streams.map((stream) => stream.codec_name)).toEqual(['vp9', 'opus']);
});

test.each([
  ['BT.601', 'null', ['-pix_fmt', 'yuv420p']],
  [
    'BT.709',
    'scale=out_color_matrix=bt709',
    ['-pix_fmt', 'yuv420p', '-colorspace', 'bt709', '-color_range', 'tv'],
  ],
  ['full range', 'null', ['-pix_fmt', 'yuvj420p']],
])('colours of a %s clip come out as they were', async (name, filters, tags) => {
  const clip = join(folder, `${name}.mp4`);
  await drawClip(SCENES.greenScreen, clip, {
    ...{ frames: 6, filters },
    encoding: ['-c:v', 'libx264', '-crf', '14', ...tags],
  });
  const output = join(folder, `${name}.zip`);
  expect(await matte(clip, output, { format: 'png_sequence' })).toMatchObject({ ok: true });
  const [first] = await readStoredZip(output);
  const picture = join(folder, 'first.png');
  await writeFile(picture, first!.bytes);
  const rgb = await decode(picture, 'rgb24');
  const shirt = 3 * (135 * 320 + 160);
  for (const [channel, level] of [190, 60, 60].entries()) {
    expect(Math.abs(rgb[shirt + channel]! - level), `channel ${channel}`).toBeLessThanOrEqual(4);
  }
});

test('sound that begins with the picture still begins with it', async () => {
  const clip = join(folder, 'transport.ts');
  await drawClip(SCENES.greenScreen, clip, { sound: ['-c:a', 'aac'] });
  const output = join(folder, 'transport.mov');
  expect(await matte(clip, output, { format: 'mov' })).toMatchObject({ ok: true });
  const { streams, durationSeconds } = await probe(output);
  expect(streams.map((stream) => stream.codec_name)).toEqual(['prores', 'aac']);
  expect(durationSeconds).toBeCloseTo(1.5, 1);
});
