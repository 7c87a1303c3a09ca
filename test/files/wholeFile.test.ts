import { mkdir, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { hashFile } from '../../src/files/hashFile.ts';
import { writeWholeFile } from '../../src/files/wholeFile.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-whole-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('writeWholeFile', () => {
  it('replaces a file with all the new bytes and leaves no temporary file', async () => {
    const path = join(folder, 'report.csv');
    await writeWholeFile(path, 'old and longer');
    await writeWholeFile(path, new TextEncoder().encode('é'), 0o600);
    expect(await readFile(path, 'utf8')).toBe('é');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['report.csv']);
  });

  it('leaves things as they were when it fails', async () => {
    const path = join(folder, 'taken');
    await mkdir(join(path, 'full'), { recursive: true });
    await expect(writeWholeFile(path, 'x')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['taken']);
  });
});

describe('hashFile', () => {
  it('is the SHA-256 of the bytes, also beyond one read', async () => {
    const path = join(folder, 'a');
    await writeWholeFile(path, 'abc');
    expect(await hashFile(path)).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    await writeWholeFile(path, new Uint8Array(3_000_000));
    expect(await hashFile(path)).toBe(
      '35bce4eae54ec8e6cc2868baa8d157914d6ae2858811b4cc0c078c94460fa26f',
    );
  });
});
