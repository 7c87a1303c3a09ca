import { readdir, writeFile } from 'node:fs/promises';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import { FFMPEG_ENV } from '../../src/core/ffmpegTools.ts';
import { createHome, type Home, tools } from '../cli/rbgv.ts';
import { decodeWebmAlpha } from '../matting/readBack.ts';
import { imageModel, videoModel } from './graphs.ts';

/** Set by `npm run test:onnx`: the folder in which it has installed onnxruntime-node. */
const RUNTIME = process.env['RBGV_TEST_ONNXRUNTIME'] ?? '';
const SIZE = 64;
const FRAMES = 4;

/** A white square in the left half of a black picture that the built-in engine can do nothing with. */
async function halfWhite(home: Home): Promise<string> {
  const path = home.path('half.mp4');
  const picture =
    `color=black:s=${SIZE}x${SIZE}:r=4:d=1,drawbox=x=0:y=0:w=${SIZE / 2}:h=${SIZE}:color=white:t=fill,` +
    'format=yuv420p';
  const { ffmpegPath } = await tools();
  const args = ['-v', 'error', '-f', 'lavfi', '-i', picture, '-c:v', 'libx264', '-crf', '10', path];
  await execa(ffmpegPath, args, { env: FFMPEG_ENV });
  return path;
}

async function use(home: Home, model: Buffer) {
  await writeFile(home.path('model.onnx'), model);
  return home.rbgv(['engine', 'use', 'model.onnx', '--runtime', RUNTIME]);
}

/** Mean opacity of the left and of the right half of a frame, 0..255. */
function halves(alpha: Uint8Array, frame: number): [number, number] {
  const sums: [number, number] = [0, 0];
  for (let i = 0; i < SIZE * SIZE; i++) {
    const side = i % SIZE < SIZE / 2 ? 0 : 1;
    sums[side] += (alpha[frame * SIZE * SIZE + i] ?? 0) / (SIZE * (SIZE / 2));
  }
  return sums;
}

async function run(home: Home): Promise<Buffer> {
  const clip = await halfWhite(home);
  const { exitCode, stdout, stderr } = await home.rbgv(['run', '--yes', clip]);
  expect(exitCode, stdout + stderr).toBe(0);
  const [output = ''] = (await readdir(home.path('results'))).filter((name) =>
    name.endsWith('.webm'),
  );
  return decodeWebmAlpha(home.path('results', output));
}

test('a video matting model does the work, and its state goes from frame to frame', async () => {
  const home = await createHome();
  const used = await use(home, videoModel());
  expect(used).toMatchObject({ exitCode: 0 });
  expect(used.stderr).toMatch(/video matting model/);
  const alpha = await run(home);
  expect(alpha.length).toBe(FRAMES * SIZE * SIZE);
  expect(Math.max(...halves(alpha, 0))).toBeLessThan(10);
  const [left, right] = halves(alpha, 1);
  expect(left).toBeGreaterThan(240);
  expect(right).toBeLessThan(10);
});

test.each([undefined, 32] as const)(
  'a model from picture to opacity does the work, its side being %s',
  async (side) => {
    const home = await createHome();
    const used = await use(home, imageModel(side));
    expect(used.stderr).toMatch(/image matting model/);
    const alpha = await run(home);
    for (let frame = 0; frame < FRAMES; frame++) {
      const [left, right] = halves(alpha, frame);
      expect(left).toBeGreaterThan(235);
      expect(right).toBeLessThan(15);
    }
  },
);

test.each([
  ['lacks an output', () => videoModel({ missing: 'r3o' }), /lacks r3o/],
  ['is of half precision', () => videoModel({ half: true }), /half precision/],
  ['takes four channels', () => imageModel(undefined, 4), /float32 picture/],
  ['is junk', () => Buffer.from('no model at all'), /no usable model/],
  ['is cut short', () => videoModel().subarray(0, 90), /no usable model/],
] as const)('a model that %s is refused and nothing is stored', async (_, model, message) => {
  const home = await createHome();
  const { exitCode, stderr } = await use(home, model());
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
  expect((await home.rbgv(['engine', 'show'])).stdout).toMatch(/built in/);
});

test('a model that has changed since it was taken on stops a run before any job', async () => {
  const home = await createHome();
  await use(home, imageModel(undefined));
  await writeFile(home.path('model.onnx'), imageModel(32));
  const clip = await halfWhite(home);
  const { exitCode, stderr } = await home.rbgv(['run', '--yes', clip]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/has changed/);
  expect((await home.rbgv(['engine', 'reset'])).exitCode).toBe(0);
  expect((await home.rbgv(['engine', 'show'])).stdout).toMatch(/built in/);
});
