import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { worstFrame, type Steadiness } from '../../src/core/steadiness.ts';
import { verifyOutput } from '../../src/media/verify.ts';
import { DISC, ffmpeg, tools, VP9, withAlpha } from './makeMedia.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-steady-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** How steady a one-second webm at 25 frames a second is found whose alpha plane is drawn so. */
async function steadinessOf(luma: string, transparent = true): Promise<Steadiness | undefined> {
  const path = join(folder, 'clip.webm');
  await ffmpeg(...withAlpha(luma, 'yuva420p'), ...VP9, '-auto-alt-ref', '0', path);
  const wish = { durationUs: 1_000_000, framesPerSecond: 25, transparent, audio: false };
  const result = await verifyOutput(path, { format: 'webm', ...wish }, tools);
  return result.ok ? result.steadiness : undefined;
}

it('a subject that only moves is steady', async () => {
  const found = await steadinessOf(DISC);
  expect(found).toMatchObject({ frameCount: 25 });
  expect(found?.coverage).toBeCloseTo((Math.PI * 20 ** 2) / (128 * 72), 1);
  expect(found?.flicker.share).toBeLessThan(0.1);
  expect(found?.jump.share).toBeLessThan(0.1);
});

it('a subject that is gone for one frame flickers there', async () => {
  const found = await steadinessOf(`(${DISC})*not(eq(N\\,11))`);
  expect(found).toBeDefined();
  if (found === undefined) return;
  expect(worstFrame(found)).toMatchObject({ kind: 'flicker', frame: 11 });
  expect(found.flicker.share).toBeGreaterThan(0.8);
});

it('a subject that loses a part for good jumps there', async () => {
  const found = await steadinessOf(String.raw`255*lt(X\,64-30*gte(N\,7))`);
  expect(found).toBeDefined();
  if (found === undefined) return;
  expect(worstFrame(found)).toMatchObject({ kind: 'jump', frame: 7 });
  expect(found.jump.share).toBeGreaterThan(0.5);
  expect(found.flicker.share).toBeLessThan(0.1);
});

it('of an output that is not meant to be transparent nothing is said', async () => {
  expect(await steadinessOf(DISC, false)).toBeUndefined();
});
