import { open } from 'node:fs/promises';

/** A file that several readers look into: opened once, its beginning already in memory. */
export interface OpenedFile {
  readonly sizeBytes: number;
  /** The first bytes, at most 64 KiB. */
  readonly head: Buffer;
  /**
   * Bytes from `start` up to `end`; fewer at the end of the file. Answers at once, without a
   * promise, for what lies within `head`.
   */
  read(start: number, end: number): Buffer | Promise<Buffer>;
}

/** Enough for the tables of a short clip whose index comes first; one read on any disk. */
const HEAD_BYTES = 65_536;

/** Memory of heads that nobody looks into any more: thousands of clips fill what a few need. */
const spare: Buffer[] = [];

/**
 * Opens a file, lets `look` read in it, closes it. Nothing of `head` is to be kept afterwards: its
 * memory is used again.
 *
 * @throws the file system's error when the file cannot be opened or read, and what `look` throws
 */
export async function withOpenedFile<T>(
  path: string,
  look: (file: OpenedFile) => Promise<T>,
): Promise<T> {
  const handle = await open(path, 'r');
  const memory = spare.pop() ?? Buffer.allocUnsafe(HEAD_BYTES);
  try {
    const { size } = await handle.stat();
    const fromDisk = async (start: number, end: number): Promise<Buffer> => {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(end, size) - start));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    };
    const { bytesRead } = await handle.read(memory, 0, HEAD_BYTES, 0);
    const head = memory.subarray(0, bytesRead);
    return await look({
      sizeBytes: size,
      head,
      read: (start, end) => (end <= head.length ? head.subarray(start, end) : fromDisk(start, end)),
    });
  } finally {
    spare.push(memory);
    await handle.close();
  }
}
