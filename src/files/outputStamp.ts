import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { isFrameName } from '../core/frames.ts';
import { hashFile } from './hashFile.ts';

/** What a file, or a folder of frames, looks like from outside. */
export interface OutputStamp {
  /** Of a folder: the sum over its frames. */
  readonly sizeBytes: number;
  /** Of a folder: the latest of its frames. */
  readonly mtimeMs: number;
  readonly inode: string;
}

/** `undefined` when nothing is there. Files of others in a folder of frames do not count. */
export async function stampOutput(path: string): Promise<OutputStamp | undefined> {
  try {
    const stats = await stat(path);
    const inode = `${stats.dev}:${stats.ino}`;
    if (!stats.isDirectory()) return { sizeBytes: stats.size, mtimeMs: stats.mtimeMs, inode };
    let sizeBytes = 0;
    let mtimeMs = 0;
    for (const name of await framesIn(path)) {
      const frame = await stat(join(path, name));
      sizeBytes += frame.size;
      mtimeMs = Math.max(mtimeMs, frame.mtimeMs);
    }
    return { sizeBytes, mtimeMs, inode };
  } catch {
    return undefined;
  }
}

/**
 * The SHA-256 of a file's bytes; of a folder of frames that of the listing which
 * `sha256sum frame_*.png` prints there, so that anybody can repeat it.
 *
 * @returns 64 lower-case hex digits
 * @throws the file system's error when something cannot be read
 */
export async function hashOutput(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return hashFile(path);
  const listing = createHash('sha256');
  for (const name of await framesIn(path)) {
    listing.update(`${await hashFile(join(path, name))}  ${name}\n`);
  }
  return listing.digest('hex');
}

/** Names of the frames in a folder, in order. */
export async function framesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const frames = entries.filter((entry) => entry.isFile() && isFrameName(entry.name));
  // Six digits or more: the longer name is the later frame.
  return frames
    .map(({ name }) => name)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : Number(a > b)));
}
