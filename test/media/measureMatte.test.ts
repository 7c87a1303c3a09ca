import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { MatteFigures } from '../../src/core/comparison.ts';
import { measureMatte } from '../../src/media/measureMatte.ts';
import { DISC, ffmpeg, H264, tools, VP9, withAlpha } from './makeMedia.ts';

const { signal } = new AbortController();
const WEBM = [...VP9, '-auto-alt-ref', '0'];

/** A disc that stays where it is: in the picture, and in the alpha that should be cut along it. */
const STILL = String.raw`255*lt(hypot(X-64\,Y-36)\,20)`;

let folder: string;
let still: string;
let moving: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-matte-'));
  [still, moving] = [join(folder, 'still.mp4'), join(folder, 'moving.mp4')];
  await source(STILL, still);
  await source(DISC, moving);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A second of a white figure before black, 128x72 at 25 frames a second. */
async function source(luma: string, path: string): Promise<void> {
  const blank = ['-f', 'lavfi', '-i', 'color=black:size=128x72:rate=25:duration=1'];
  await ffmpeg(...blank, '-vf', `format=gray,geq=lum='${luma}'`, ...H264, path);
}

async function figuresOf(picture: string, luma: string): Promise<MatteFigures> {
  const path = join(folder, 'output.webm');
  await ffmpeg(...withAlpha(luma, 'yuva420p'), ...WEBM, path);
  return await measureMatte(picture, path, tools, signal);
}

it('alpha that follows the subject does not flicker, and its edge is sharp', async () => {
  const figures = await figuresOf(moving, DISC);
  expect(figures.coverage).toBeCloseTo((Math.PI * 20 ** 2) / (128 * 72), 1);
  expect(figures.flicker).toBeLessThan(0.05);
  expect(figures.jump).toBeLessThan(0.1);
  expect(figures.edge).toBeLessThan(0.05);
});

it('alpha that comes and goes where nothing moves flickers, and jumps', async () => {
  const figures = await figuresOf(still, `(${STILL})*not(eq(mod(N\\,5)\\,4))`);
  expect(figures.flicker).toBeGreaterThan(0.2);
  expect(figures.jump).toBeGreaterThan(0.9);
});

it('a rim of ten pixels is a wider edge than one of none, by about as much', async () => {
  const soft = await figuresOf(still, String.raw`255*clip((25-hypot(X-64\,Y-36))/10\,0\,1)`);
  expect(soft.edge).toBeGreaterThan(8 / 72);
  expect(soft.edge).toBeLessThan(13 / 72);
  expect(soft.flicker).toBeLessThan(0.02);
});

it('a cut from one picture to another is no jump', async () => {
  const cut = join(folder, 'cut.mp4');
  await source(String.raw`255*if(lt(N\,12)\,lt(X\,10)\,gt(X\,10))`, cut);
  const figures = await figuresOf(cut, String.raw`255*if(lt(N\,12)\,lt(X\,10)\,gt(X\,10))`);
  expect(figures.jump).toBeLessThan(0.05);
});

it('a folder of frames is measured as a video is, whatever its name holds', async () => {
  const output = join(folder, '100%d_frames');
  await mkdir(output);
  const pattern = join(folder, '100%%d_frames', 'frame_%06d.png');
  await ffmpeg(...withAlpha(STILL, 'rgba'), pattern);
  const figures = await measureMatte(still, output, tools, signal);
  expect(figures.coverage).toBeCloseTo((Math.PI * 20 ** 2) / (128 * 72), 2);
});

it('says why an output cannot be measured', async () => {
  await expect(measureMatte(still, join(folder, 'gone.webm'), tools, signal)).rejects.toThrow(
    'No such file',
  );
});
