import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { numbered, publishFile } from './publishFile.ts';
import { writeWholeFile } from './wholeFile.ts';

/**
 * Writes a file that replaces only its own kind: an earlier one is known by the bytes that all of
 * them begin with. A name that belongs to anything else becomes `name-2.ext`, `name-3.ext` and so
 * on. The file is whole or absent.
 *
 * @param mark what `text` begins with
 * @returns the path taken
 * @throws the file system's error
 */
export async function writeOwnFile(path: string, text: string, mark: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  for (let number = 1; ; number++) {
    const candidate = numbered(path, number);
    switch (await ownerOf(candidate, mark)) {
      case 'us':
        await writeWholeFile(candidate, text);
        return candidate;
      case 'nobody': {
        // By a link, so that a file which comes up in this moment is not overwritten either.
        const part = `${candidate}.${randomUUID().slice(0, 8)}.part`;
        try {
          await writeWholeFile(part, text);
          return await publishFile(part, candidate);
        } finally {
          await rm(part, { force: true });
        }
      }
      case 'another':
    }
  }
}

async function ownerOf(path: string, mark: string): Promise<'us' | 'nobody' | 'another'> {
  try {
    // A link is a person's: it may lead to a file that they want to keep.
    if (!(await lstat(path)).isFile()) return 'another';
    const file = await open(path, 'r');
    try {
      const expected = Buffer.from(mark);
      const { buffer } = await file.read(Buffer.alloc(expected.length), 0, expected.length, 0);
      return buffer.equals(expected) ? 'us' : 'another';
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nobody';
    throw error;
  }
}
