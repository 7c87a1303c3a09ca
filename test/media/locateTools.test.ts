import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { locateTools } from '../../src/media/locateTools.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-tools-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function install(name: string, mode = 0o755): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '#!/bin/sh\n', { mode });
  return path;
}

describe('locateTools', () => {
  it('takes both programs from the search path', async () => {
    const ffmpegPath = await install('ffmpeg');
    const ffprobePath = await install('ffprobe');
    const searchPath = ['/nowhere', folder].join(delimiter);
    expect(await locateTools({ searchPath })).toEqual({
      ffmpegPath,
      ffprobePath,
      origin: 'system',
    });
  });

  it('takes neither from there when one is missing or may not be run', async () => {
    await install('ffmpeg');
    expect((await locateTools({ searchPath: folder })).origin).toBe('bundled');
    await install('ffprobe', 0o644);
    expect((await locateTools({ searchPath: folder })).origin).toBe('bundled');
  });

  it('prefers what was given, and completes it', async () => {
    const ffmpegPath = await install('ffmpeg');
    const found = await locateTools({ ffmpegPath });
    expect(found.ffmpegPath).toBe(ffmpegPath);
    expect(found.ffprobePath).toMatch(/@ffprobe-installer/);
  });

  it('refuses a given path that cannot be run', async () => {
    await expect(locateTools({ ffmpegPath: join(folder, 'gone') })).rejects.toMatchObject({
      category: 'usage',
      code: 'ffmpeg_missing',
    });
  });
});
