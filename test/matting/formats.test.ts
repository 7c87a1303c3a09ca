import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { OutputFormat } from '../../src/core/model.ts';
import { matteClip } from '../../src/matting/matteClip.ts';
import type { MatteBackground } from '../../src/matting/matteJob.ts';
import { drawClip, SCENES, tools } from './drawnClips.ts';
import { decode, intersectionOverUnion, probe, soundSeconds } from './readBack.ts';
import { readWebp } from './readWebp.ts';
import { readStoredZip } from './readStoredZip.ts';

const WIDTH = 320;
const HEIGHT = 180;
const FRAMES = 30;
const SECONDS = 1.5;
const SIZE = WIDTH * HEIGHT;

let folder: string;
let clip: string;
let truth: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-formats-'));
  clip = join(folder, 'clip.mp4');
  truth = await drawClip(SCENES.greenScreen, clip, { sound: ['-c:a', 'aac'] });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function matte(format: OutputFormat, background: MatteBackground): Promise<string> {
  const outputPath = join(folder, `${format}-${background.type}`);
  const outcome = await matteClip(
    { inputPath: clip, outputPath, model: 'original', format, background, tools },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  expect(outcome).toMatchObject({ ok: true, frames: FRAMES });
  return outputPath;
}

const TRANSPARENT = { type: 'transparent' } as const;
const BLUE = { type: 'color', rgb: [20, 40, 220] } as const;

test('mov is ProRes 4444 with alpha and the original sound', async () => {
  const output = await matte('mov', TRANSPARENT);
  const { streams, durationSeconds } = await probe(output);
  expect(streams.map((stream) => stream.codec_name)).toEqual(['prores', 'aac']);
  expect(streams[0]).toMatchObject({ width: WIDTH, height: HEIGHT, nb_read_packets: '30' });
  expect(durationSeconds).toBeCloseTo(SECONDS, 1);
  const alpha = await decode(output, 'gray', 'format=yuva420p,alphaextract,format=gray');
  expect(intersectionOverUnion(alpha, truth)).toBeGreaterThan(0.95);
  expect(Math.max(...alpha.subarray(0, SIZE))).toBeGreaterThan(250);
});

test('mp4 lays the figure over a colour and keeps the sound as long as the picture', async () => {
  const output = await matte('mp4', BLUE);
  const { streams, durationSeconds } = await probe(output);
  expect(streams.map((stream) => stream.codec_name)).toEqual(['h264', 'aac']);
  expect(durationSeconds).toBeCloseTo(SECONDS, 1);
  expect(await soundSeconds(output)).toBeGreaterThanOrEqual(SECONDS - 0.03);
  expectOverBlue(await decode(output, 'rgb24'));
});

test.each(['webm', 'mov', 'gif', 'png_sequence', 'webp'] as const)(
  '%s over a colour shows that colour',
  async (format) => {
    const output = await matte(format, BLUE);
    if (format === 'webp') {
      const still = join(folder, 'still.webp');
      await writeFile(still, (await readWebp(output)).firstPicture);
      expectOverBlue(await decode(still, 'rgb24'));
    } else if (format === 'png_sequence') {
      const [first] = await readStoredZip(output);
      const picture = join(folder, 'first.png');
      await writeFile(picture, first!.bytes);
      expect((await probe(picture)).streams[0]!.pix_fmt).toBe('rgb24');
      expectOverBlue(await decode(picture, 'rgb24'));
    } else {
      expectOverBlue(await decode(output, 'rgb24'));
    }
  },
);

test('an image stands behind the figure, scaled to cover the picture', async () => {
  const image = join(folder, 'halves.ppm');
  const pixels = Array.from({ length: 64 * 64 }, (_, i) =>
    i % 64 < 32 ? [230, 20, 20] : [20, 20, 230],
  ).flat();
  await writeFile(image, Buffer.concat([Buffer.from('P6 64 64 255\n'), Buffer.from(pixels)]));
  const rgb = await decode(await matte('mp4', { type: 'image', path: image }), 'rgb24');
  const left = 3 * (10 * WIDTH + 10);
  const right = 3 * (10 * WIDTH + WIDTH - 10);
  expectNear(rgb.subarray(left, left + 3), [230, 20, 20]);
  expectNear(rgb.subarray(right, right + 3), [20, 20, 230]);
});

test('a background image that cannot be read fails the job', async () => {
  const outputPath = join(folder, 'none.mp4');
  const background = { type: 'image', path: join(folder, 'none.png') } as const;
  const outcome = await matteClip(
    { inputPath: clip, outputPath, model: 'original', format: 'mp4', background, tools },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  expect(outcome).toMatchObject({ ok: false, code: 'sandbox_engine_failed' });
});

test.each(['webm', 'mov'] as const)(
  '%s into a folder that is not there fails the job in the words of ffmpeg',
  async (format) => {
    const outputPath = join(folder, 'nowhere', 'output');
    const background = TRANSPARENT;
    const outcome = await matteClip(
      { inputPath: clip, outputPath, model: 'original', format, background, tools },
      { signal: new AbortController().signal, onProgress: () => undefined },
    );
    expect(outcome).toMatchObject({ ok: false, code: 'sandbox_engine_failed' });
    expect(!outcome.ok && outcome.reason).toContain('No such file or directory');
  },
);

test('gif has clean transparency, at most fifteen pictures a second and the right length', async () => {
  const output = await matte('gif', TRANSPARENT);
  const { streams, durationSeconds } = await probe(output);
  expect(streams[0]).toMatchObject({ codec_name: 'gif', width: WIDTH, height: HEIGHT });
  expect(durationSeconds).toBeCloseTo(SECONDS, 1);
  const alpha = await decode(output, 'gray', 'format=rgba,alphaextract,format=gray');
  const frames = alpha.length / SIZE;
  expect(frames).toBeLessThanOrEqual(23);
  // The last picture shows trails if old pixels are not cleared; it may stand for any frame near.
  const last = alpha.subarray((frames - 1) * SIZE);
  expect(new Set(last)).toEqual(new Set([0, 255]));
  const best = [26, 27, 28, 29].map((n) =>
    intersectionOverUnion(last, truth.subarray(n * SIZE, (n + 1) * SIZE)),
  );
  expect(Math.max(...best)).toBeGreaterThan(0.95);
});

test('webp is an animation with alpha and the right length', async () => {
  const webp = await readWebp(await matte('webp', TRANSPARENT));
  expect(webp).toMatchObject({ width: WIDTH, height: HEIGHT, hasAlpha: true });
  expect(webp.durationMs).toBeCloseTo(1000 * SECONDS, -1);
  const still = join(folder, 'first.webp');
  await writeFile(still, webp.firstPicture);
  const place = `pad=${WIDTH}:${HEIGHT}:${webp.firstLeft}:${webp.firstTop}:black@0`;
  const alpha = await decode(still, 'gray', `format=rgba,${place},alphaextract,format=gray`);
  expect(intersectionOverUnion(alpha, truth.subarray(0, SIZE))).toBeGreaterThan(0.95);
});

test('png_sequence is a zip of numbered pictures with alpha, stored as they are', async () => {
  const entries = await readStoredZip(await matte('png_sequence', TRANSPARENT));
  expect(entries.map((entry) => entry.name)).toEqual(
    Array.from({ length: FRAMES }, (_, n) => `frame_${String(n + 1).padStart(6, '0')}.png`),
  );
  const picture = join(folder, 'last.png');
  await writeFile(picture, entries.at(-1)!.bytes);
  expect((await probe(picture)).streams[0]).toMatchObject({ width: WIDTH, pix_fmt: 'rgba' });
  const alpha = await decode(picture, 'gray', 'alphaextract,format=gray');
  expect(intersectionOverUnion(alpha, truth.subarray(-SIZE))).toBeGreaterThan(0.95);
  expect((await readFile(picture)).subarray(1, 4).toString()).toBe('PNG');
});

/** The corner shows the backdrop, the middle of the trunk the red shirt. */
function expectOverBlue(rgb: Buffer): void {
  const corner = 3 * (5 * WIDTH + 5);
  expectNear(rgb.subarray(corner, corner + 3), BLUE.rgb);
  const shirt = 3 * (Math.round(0.75 * HEIGHT) * WIDTH + WIDTH / 2);
  expectNear(rgb.subarray(shirt, shirt + 3), [190, 60, 60]);
}

function expectNear(found: Uint8Array, wanted: readonly number[]): void {
  for (const [n, level] of wanted.entries()) {
    expect(Math.abs(found[n]! - level), [...found].join(' ')).toBeLessThanOrEqual(14);
  }
}
