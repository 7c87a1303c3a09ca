import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';
import { ZipFile } from 'yazl';

import { beforeAndAfter } from '../../src/media/beforeAndAfter.ts';
import { DISC, ffmpeg, H264, picture, tools, VP9, withAlpha } from './makeMedia.ts';

/** A disc on 25 frames, gone on the twelfth. */
const BLINKING = `(${DISC})*not(eq(N\\,11))`;
const GONE_AT = (11 - 0.5) / 25;

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-pair-'));
  await ffmpeg(...picture(1), ...H264, at('source.mp4'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function zip(path: string, count: number): Promise<void> {
  const archive = new ZipFile();
  for (let number = 1; number <= count; number++) {
    const name = `f${String(number).padStart(2, '0')}.png`;
    archive.addFile(at(name), name, { compress: false });
  }
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(path));
}

/** The highest alpha in a WebP picture. */
async function highestAlpha(webp: Uint8Array): Promise<number> {
  await writeFile(at('picture.webp'), webp);
  const options = ['-v', 'error', '-i', at('picture.webp'), '-f', 'rawvideo', '-pix_fmt', 'rgba'];
  const run = promisify(execFile)(tools.ffmpegPath, ['-nostdin', ...options, '-'], {
    encoding: 'buffer',
    maxBuffer: 1e7,
  });
  const { stdout } = await run;
  return stdout.reduce((most, value, index) => (index % 4 === 3 ? Math.max(most, value) : most), 0);
}

it.each(['webm', 'png_sequence'] as const)(
  'the very frame of a %s that is asked for is shown, with its alpha',
  async (format) => {
    const path = at(`output.${format}`);
    if (format === 'webm') {
      await ffmpeg(...withAlpha(BLINKING, 'yuva420p'), ...VP9, '-auto-alt-ref', '0', path);
    } else {
      await ffmpeg(...withAlpha(BLINKING, 'rgba'), at('f%02d.png'));
      await zip(path, 25);
    }
    for (const [position, isGone] of [
      [GONE_AT, true],
      [0.5, false],
    ] as const) {
      const pair = await beforeAndAfter(at('source.mp4'), { path, format, position }, tools);
      expect((await highestAlpha(pair.after)) < 32, `at ${position}`).toBe(isGone);
      expect(await highestAlpha(pair.before)).toBe(255);
      expect(pair.after.length).toBeLessThan(20_000);
    }
  },
);

it('a sequence of one frame has a picture too', async () => {
  await ffmpeg(...withAlpha(DISC, 'rgba'), '-frames:v', '1', at('f%02d.png'));
  await zip(at('one.zip'), 1);
  const output = { path: at('one.zip'), format: 'png_sequence', position: 0.5 } as const;
  const pair = await beforeAndAfter(at('source.mp4'), output, tools);
  expect(await highestAlpha(pair.after)).toBeGreaterThan(200);
});
