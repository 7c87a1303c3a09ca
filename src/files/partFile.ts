import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

import { syncFolder } from './syncFolder.ts';

/** What tells the object that a part file is the beginning of from every other. */
export interface PartTag {
  /** A strong ETag, with its quotes. */
  readonly etag: string;
  readonly totalBytes: number;
}

/** Stands beside its part file, and never beside one that began with other bytes. */
const tagPathOf = (partPath: string): string => `${partPath}.tag`;

/**
 * What there is to go on with, whichever process left it: the length of the part file and the tag it
 * began with; `undefined` without either.
 */
export async function resumablePart(
  partPath: string,
): Promise<(PartTag & { readonly offset: number }) | undefined> {
  try {
    const { size: offset } = await stat(partPath);
    const tag = JSON.parse(await readFile(tagPathOf(partPath), 'utf8')) as PartTag;
    const usable = typeof tag.etag === 'string' && offset > 0 && offset <= tag.totalBytes;
    return usable ? { offset, etag: tag.etag, totalBytes: tag.totalBytes } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes way for a new part file. The old bytes are gone from the disk before the new tag is there,
 * so that a kill in between can at worst cost a download, never splice two of them.
 *
 * @param tag `undefined` when the server gives nothing that a later piece could be held against
 */
export async function beginPart(partPath: string, tag: PartTag | undefined): Promise<void> {
  await dropPart(partPath);
  if (tag === undefined) return;
  await syncFolder(dirname(partPath));
  // Written in place: a torn one is no JSON, and then the download begins anew.
  await writeFile(tagPathOf(partPath), JSON.stringify(tag), { mode: 0o600, flush: true });
}

/** Removes a part file and its tag, if they are there. */
export async function dropPart(partPath: string): Promise<void> {
  await rm(partPath, { force: true });
  await forgetTag(partPath);
}

/** The part file is whole and checked: nothing is left to go on with. */
export async function forgetTag(partPath: string): Promise<void> {
  await rm(tagPathOf(partPath), { force: true });
}

/**
 * Writes a stream into a part file from a byte on, and returns only when every byte is on the
 * disk. A part file is never published before that. One whose fsync fails is removed: the kernel
 * has forgotten which pages were lost, and a second fsync would succeed over the hole.
 *
 * @param offset 0 begins anew; anything else continues a file of at least that length
 * @param onBytes called with the length of the file so far
 * @param sync replaces the system's `fsync`, for disks that fail it
 * @returns the file's length
 * @throws Error with the system's `code` (ENOSPC, EIO…)
 */
export async function writePart(
  path: string,
  body: Readable,
  offset: number,
  onBytes: (length: number) => void,
  sync: (file: FileHandle) => Promise<void> = (file) => file.sync(),
): Promise<number> {
  const file = await open(path, offset === 0 ? 'w' : 'r+').catch((error: unknown) => {
    body.destroy();
    throw error;
  });
  let position = offset;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      let written = 0;
      while (written < chunk.length) {
        const rest = chunk.length - written;
        const { bytesWritten } = await file.write(chunk, written, rest, position + written);
        if (bytesWritten === 0) throw new Error(`\`${path}\` takes no more bytes`);
        written += bytesWritten;
      }
      position += chunk.length;
      onBytes(position);
    }
    await file.truncate(position);
    await sync(file).catch(async (error: unknown) => {
      await dropPart(path);
      throw error;
    });
    return position;
  } finally {
    body.destroy();
    await file.close();
  }
}
