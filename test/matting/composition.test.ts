import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Composition } from '../../src/core/composition.ts';
import type { OutputFormat } from '../../src/core/model.ts';
import { matteClip } from '../../src/matting/matteClip.ts';
import type { MatteBackground } from '../../src/matting/matteJob.ts';
import { drawClip, SCENES, tools } from './drawnClips.ts';
import { decode, decodeWebmAlpha, intersectionOverUnion, probe } from './readBack.ts';
import { readStoredZip } from './readStoredZip.ts';
import { readWebp } from './readWebp.ts';

const CLIP = { width: 320, height: 180, frames: 6 };
const CANVAS = { width: 320, height: 360 };

let folder: string;
let clip: string;
let truth: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-composition-'));
  clip = join(folder, 'clip.mp4');
  truth = await drawClip(SCENES.greenScreen, clip, { frames: CLIP.frames });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function compose(
  format: OutputFormat,
  background: MatteBackground,
  composition: Composition,
): Promise<string> {
  const outputPath = join(folder, `out.${format}`);
  const outcome = await matteClip(
    { inputPath: clip, outputPath, model: 'original', format, background, composition, tools },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  expect(outcome).toMatchObject({ ok: true, frames: CLIP.frames });
  return outputPath;
}

/** The truth, `shrink` times smaller, with its top left corner at a place of the canvas. */
function expected(shrink: number, left: number, top: number): Uint8Array {
  const size = CANVAS.width * CANVAS.height;
  const out = new Uint8Array(size * CLIP.frames);
  for (let i = 0; i < out.length; i++) {
    const frame = Math.floor(i / size);
    const x = ((i % CANVAS.width) - left) * shrink;
    const y = (Math.floor((i % size) / CANVAS.width) - top) * shrink;
    if (x < 0 || y < 0 || x >= CLIP.width || y >= CLIP.height) continue;
    out[i] = truth[(frame * CLIP.height + y) * CLIP.width + x]!;
  }
  return out;
}

const TRANSPARENT = { type: 'transparent' } as const;
const BLUE = { type: 'color', rgb: [20, 40, 220] } as const;

test.each([
  ['bottom-center', 0.5, { x: 0, y: -20 }, expected.bind(undefined, 2, 80, 250)],
  ['top-left', 1, { x: 0, y: 0 }, expected.bind(undefined, 1, 0, 0)],
  ['center', 1, { x: -40, y: 30 }, expected.bind(undefined, 1, -40, 120)],
] as const)('a subject at %s, scaled by %d, stands there', async (anchor, scale, offset, place) => {
  const foreground = { anchor, scale, offset };
  const output = await compose('webm', TRANSPARENT, { canvas: CANVAS, foreground });
  const alpha = await decodeWebmAlpha(output);
  expect(intersectionOverUnion(alpha, place())).toBeGreaterThan(0.88);
});

test.each(['webm', 'mov', 'mp4', 'gif', 'webp', 'png_sequence'] as const)(
  '%s comes out in the size of the canvas, with its colour around the picture',
  async (format) => {
    const foreground = { anchor: 'bottom-center', scale: 0.5, offset: { x: 0, y: 0 } } as const;
    const output = await compose(format, BLUE, { canvas: CANVAS, foreground });
    let still = output;
    if (format === 'webp') {
      await writeFile((still = join(folder, 'a.webp')), (await readWebp(output)).firstPicture);
    } else if (format === 'png_sequence') {
      await writeFile((still = join(folder, 'a.png')), (await readStoredZip(output))[0]!.bytes);
    }
    const { streams } = await probe(still);
    if (format !== 'webp') expect(streams[0]).toMatchObject(CANVAS);
    const picture = await decode(still, 'rgb24');
    const corner = [...picture.subarray(0, 3)];
    for (const [n, level] of BLUE.rgb.entries()) {
      expect(Math.abs(corner[n]! - level)).toBeLessThan(10);
    }
    expect(picture.length % (CANVAS.width * CANVAS.height * 3)).toBe(0);
  },
);

test('without a canvas the clip keeps its size and the subject is moved and scaled in it', async () => {
  const foreground = { anchor: 'top-left', scale: 0.5, offset: { x: 0, y: 0 } } as const;
  const output = await compose('webm', TRANSPARENT, { foreground });
  const alpha = await decodeWebmAlpha(output);
  expect(alpha.length).toBe(CLIP.width * CLIP.height * CLIP.frames);
  const isBelow = (_: number, i: number): boolean =>
    Math.floor((i % (CLIP.width * CLIP.height)) / CLIP.width) >= 0.55 * CLIP.height;
  const strongest = (values: Uint8Array): number => values.reduce((a, b) => Math.max(a, b), 0);
  expect(strongest(alpha.filter(isBelow))).toBeLessThan(8);
  expect(strongest(alpha)).toBeGreaterThan(250);
});
