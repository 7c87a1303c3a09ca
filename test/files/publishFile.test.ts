import { link, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { publishFile } from '../../src/files/publishFile.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-publish-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function withoutLinks(): Promise<void> {
  return Promise.reject(Object.assign(new Error('no hard links here'), { code: 'EPERM' }));
}

describe.each([
  ['with hard links', link],
  ['on a file system without hard links', withoutLinks],
])('publishFile %s', (_, hardLink) => {
  it('moves the part file to its final name, making the folders above', async () => {
    const part = join(folder, 'a.part');
    await writeFile(part, 'new');
    const path = await publishFile(part, join(folder, 'x/y/a.webm'), hardLink);
    expect(path).toBe(join(folder, 'x/y/a.webm'));
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['x']);
  });

  it('never overwrites: takes the next free number instead', async () => {
    await writeFile(join(folder, 'a.b.webm'), 'theirs');
    await writeFile(join(folder, 'a.b-2.webm'), 'theirs too');
    await writeFile(join(folder, 'part'), 'new');
    const path = await publishFile(join(folder, 'part'), join(folder, 'a.b.webm'), hardLink);
    expect(path).toBe(join(folder, 'a.b-3.webm'));
    expect(await readFile(join(folder, 'a.b.webm'), 'utf8')).toBe('theirs');
    expect(await readFile(join(folder, 'a.b-2.webm'), 'utf8')).toBe('theirs too');
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  it('gives many files that want one name a name each', async () => {
    const parts = Array.from({ length: 20 }, (_unused, index) => join(folder, `${index}.part`));
    await Promise.all(parts.map((part) => writeFile(part, part)));
    const paths = await Promise.all(
      parts.map((part) => publishFile(part, join(folder, 'a.webm'), hardLink)),
    );
    expect(new Set(paths).size).toBe(20);
    const contents = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    expect(contents).toEqual(parts);
    expect(await readdir(folder)).toHaveLength(20);
  });

  it('leaves nothing behind when there is no part file', async () => {
    const publishing = publishFile(join(folder, 'gone'), join(folder, 'a.webm'), hardLink);
    await expect(publishing).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(folder)).toEqual([]);
  });
});

it('completes a publication that was cut off after the link', async () => {
  await writeFile(join(folder, 'part'), 'new');
  await link(join(folder, 'part'), join(folder, 'a.webm'));
  const path = await publishFile(join(folder, 'part'), join(folder, 'a.webm'));
  expect(path).toBe(join(folder, 'a.webm'));
  expect(await readdir(folder)).toEqual(['a.webm']);
});
