import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';

import { extractFrames } from '../../src/media/extractFrames.ts';
import { makeZip, misstate, png } from '../makeZip.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-extract-'));
  return () => rm(folder, { recursive: true, force: true });
});

async function extract(zip: Buffer): Promise<string> {
  await writeFile(join(folder, 'in.zip'), zip);
  await extractFrames(join(folder, 'in.zip'), join(folder, 'out'));
  return join(folder, 'out');
}

test('frames get names of our own, in the order of their numbers, whatever they were called', async () => {
  const names = ['x/10.png', 'x/9.png', 'x/100.PNG', 'CON.png', 'a\u001b[2J.png', 'notes.txt'];
  const out = await extract(
    await makeZip(Object.fromEntries(names.map((name) => [name, png(name)]))),
  );
  const frames = (await readdir(out)).sort();
  expect(frames).toEqual([1, 2, 3, 4, 5].map((number) => `frame_00000${number}.png`));
  const texts = await Promise.all(frames.map((frame) => readFile(join(out, frame), 'latin1')));
  expect(texts.map((text) => text.slice(8)).slice(-3)).toEqual([
    'x/9.png',
    'x/10.png',
    'x/100.PNG',
  ]);
});

test('no right to execute, and no other identity, comes out of an archive', async () => {
  const out = await extract(await makeZip({ 'a.png': png('a') }, { mode: 0o106777 }));
  expect((await stat(join(out, 'frame_000001.png'))).mode & 0o7133).toBe(0);
});

test('what an earlier attempt left is replaced', async () => {
  await extract(await makeZip({ 'a.png': png('a'), 'b.png': png('b') }));
  expect(await readdir(await extract(await makeZip({ 'c.png': png('c') })))).toHaveLength(1);
});

describe('the whole archive is refused, and nothing is left behind, when', () => {
  const twins = { 'a.png': png('same'), 'b.png': png('same') };
  const hostile: readonly (readonly [string, () => Promise<Buffer>])[] = [
    ...['../x.png', '/x.png', '..\\x.png', 'C:\\x.png', 'a/../../x.png'].map(
      (name) =>
        [
          `a name is ${name}`,
          async () => {
            const plain = '_'.repeat(name.length);
            const zip = await makeZip({ 'a.png': png('a'), [plain]: png('x') });
            return Buffer.from(zip.toString('latin1').replaceAll(plain, name), 'latin1');
          },
        ] as const,
    ),
    ['an entry is a link', () => makeZip({ 'a.png': png('/etc/passwd') }, { mode: 0o120777 })],
    ['an entry is a device', () => makeZip({ 'a.png': png('') }, { mode: 0o020666 })],
    [
      'two entries share their bytes',
      async () => misstate(await makeZip(twins), 'b.png', 'offset', 0),
    ],
    ['a checksum is wrong', async () => misstate(await makeZip(twins), 'b.png', 'crc', 1)],
    [
      'an entry is longer than it says',
      async () => {
        const files = { 'a.png': png('a'), 'b.png': png('b'.repeat(1000)) };
        return misstate(await makeZip(files, { compress: true }), 'b.png', 'unpackedSize', 20);
      },
    ],
    ['it is a bomb', () => makeZip({ 'a.png': png('0'.repeat(20_000_000)) }, { compress: true })],
    [
      'a name comes twice, but for its case',
      () => makeZip({ 'a.png': png('a'), 'A.png': png('b') }),
    ],
    ['a PNG is none', () => makeZip({ 'a.png': png('a'), 'b.png': Buffer.from('#!/bin/sh') })],
    ['it is broken off', async () => (await makeZip(twins)).subarray(0, -30)],
  ];

  test.each(hostile)('%s', async (_title, make) => {
    await expect(extract(await make())).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['in.zip']);
  });
});
