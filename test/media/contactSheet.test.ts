import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { contactSheet } from '../../src/media/contactSheet.ts';
import { ffmpeg, H264, tools, VP9, withAlpha } from './makeMedia.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-sheet-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The sheet's pixels as ffmpeg reads them back. */
async function pixelsOf(png: string): Promise<Buffer> {
  const options = [
    '-nostdin',
    '-v',
    'error',
    '-i',
    png,
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  ];
  const limits = { encoding: 'buffer', maxBuffer: 1e8 } as const;
  return (await promisify(execFile)(tools.ffmpegPath, options, limits)).stdout;
}

it('shows the source beside the output over a checkerboard, and names what it cannot show', async () => {
  const [before, after, sheet] = ['before.mp4', 'after.webm', 'sheet.png'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const red = ['-f', 'lavfi', '-i', 'color=red:size=128x72:rate=25:duration=1'];
  await ffmpeg(...red, ...H264, before);
  const leftHalf = String.raw`255*lt(X\,64)`;
  await ffmpeg(...withAlpha(leftHalf, 'yuva420p'), ...VP9, '-auto-alt-ref', '0', after);
  const entry = { before, label: 'Clip 1' };
  const output = { format: 'webm', caption: 'light' } as const;
  await contactSheet(
    [
      { ...entry, outputs: [{ ...output, path: after }] },
      { ...entry, outputs: [{ ...output, path: join(folder, 'gone') }] },
    ],
    sheet,
    tools,
  );

  const pixels = await pixelsOf(sheet);
  const width = 2 * 320 + 3 * 8;
  expect(pixels.length % (width * 3)).toBe(0);
  const pixel = (x: number, y: number) => [...pixels.subarray((y * width + x) * 3).subarray(0, 3)];
  const [redness = 0, greenness = 0] = pixel(8 + 160, 28 + 90);
  expect(redness).toBeGreaterThan(230);
  expect(greenness).toBeLessThan(30);
  // The clear half of the output shows both shades of the checkerboard, and nothing else.
  const right = Array.from({ length: 64 }, (_, index) => pixel(336 + 200 + index, 28 + 90)[0]);
  expect(new Set(right)).toEqual(new Set([0xff, 0xc4]));
  const secondLabel = pixels.subarray(width * 3 * 218, width * 3 * 234);
  expect(secondLabel.includes(0xe8)).toBe(true);
}, 20_000);
