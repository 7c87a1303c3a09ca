import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/**
 * Writes a stream into a part file from a byte on, and returns only when every byte is on the
 * disk. A part file is never published before that.
 *
 * @param offset 0 begins anew; anything else continues a file of at least that length
 * @param onBytes called with the length of the file so far
 * @returns the file's length
 * @throws Error with the system's `code` (ENOSPC, EIO…): an fsync that failed is never repeated
 */
export async function writePart(
  path: string,
  body: Readable,
  offset: number,
  onBytes: (length: number) => void,
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
    await file.sync();
    return position;
  } finally {
    body.destroy();
    await file.close();
  }
}

/** Length of a file in bytes; `undefined` when it is not there. */
export async function fileLength(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}
