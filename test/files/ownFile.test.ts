import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { writeOwnFile } from '../../src/files/ownFile.ts';

const MARK = '<!-- ours -->';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-own-'));
  path = join(folder, 'report.html');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('an earlier file of the same kind is replaced, also by a shorter one', async () => {
  expect(await writeOwnFile(path, `${MARK} first and longer`, MARK)).toBe(path);
  expect(await writeOwnFile(path, `${MARK} second`, MARK)).toBe(path);
  expect(await readFile(path, 'utf8')).toBe(`${MARK} second`);
  expect(await readdir(folder)).toEqual(['report.html']);
});

it("a person's file, folder or link of that name is left alone", async () => {
  await writeFile(path, 'mine');
  await mkdir(join(folder, 'report-2.html'));
  await writeFile(join(folder, 'precious'), `${MARK} kept`);
  await symlink('precious', join(folder, 'report-3.html'));
  const taken = await writeOwnFile(path, `${MARK} text`, MARK);
  expect(taken).toBe(join(folder, 'report-4.html'));
  expect(await readFile(path, 'utf8')).toBe('mine');
  expect(await readFile(join(folder, 'precious'), 'utf8')).toBe(`${MARK} kept`);
  expect(await writeOwnFile(path, `${MARK} again`, MARK)).toBe(taken);
});

it('a file that cannot be written leaves nothing behind', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(writeOwnFile(join(folder, 'file', 'x.html'), MARK, MARK)).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['file']);
});
