import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';

import { beginPart, dropPart, resumablePart, writePart } from '../../src/files/partFile.ts';

const TAG = { etag: '"a"', totalBytes: 10 };
const nothing = (): void => undefined;
let folder: string;
let part: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-part-'));
  part = join(folder, 'a.part');
  return () => rm(folder, { recursive: true, force: true });
});

test('a part file can be gone on with by whoever finds it', async () => {
  await beginPart(part, TAG);
  await writePart(part, Readable.from([Buffer.from('01234')]), 0, nothing);
  expect(await resumablePart(part)).toEqual({ ...TAG, offset: 5 });
  await writePart(part, Readable.from([Buffer.from('56789')]), 5, nothing);
  expect(await readFile(part, 'utf8')).toBe('0123456789');
  await dropPart(part);
  expect(await readdir(folder)).toEqual([]);
});

test('without a tag, with a broken one, or longer than its object, it cannot', async () => {
  await writeFile(part, '01234');
  expect(await resumablePart(part)).toBeUndefined();
  for (const tag of ['', '{', '{}', JSON.stringify({ ...TAG, totalBytes: 4 })]) {
    await writeFile(`${part}.tag`, tag);
    expect(await resumablePart(part)).toBeUndefined();
  }
});

test('a new beginning leaves neither bytes nor tag of the old one', async () => {
  await beginPart(part, TAG);
  await writePart(part, Readable.from([Buffer.from('01234')]), 0, nothing);
  await beginPart(part, undefined);
  expect(await readdir(folder)).toEqual([]);
});

test('a part file that the disk did not keep is dropped, and not synced again', async () => {
  await beginPart(part, TAG);
  let syncs = 0;
  const failing = (): Promise<void> => {
    syncs += 1;
    return Promise.reject(Object.assign(new Error('i/o error'), { code: 'EIO' }));
  };
  const writing = writePart(part, Readable.from([Buffer.from('01234')]), 0, nothing, failing);
  await expect(writing).rejects.toMatchObject({ code: 'EIO' });
  expect(syncs).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('a disk without room is named as that, and the stream is let go of', async () => {
  // The kernel's own full disk, for everybody.
  await symlink('/dev/full', part);
  const body = Readable.from([Buffer.alloc(100_000)]);
  await expect(writePart(part, body, 0, nothing)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(body.destroyed).toBe(true);
});
