import { crc32 } from 'node:zlib';

import type { Entry, ZipFile } from 'yauzl';
import { openPromise } from 'yauzl';

const MOST_ENTRIES = 100_000;
/** One picture is held in memory at a time: 8K with 16 bits a channel, uncompressed, is 265 MB. */
const LARGEST_ENTRY_BYTES = 300_000_000;
/** Flat pictures compress well, but a bomb compresses a thousandfold. */
const HIGHEST_RATIO = 200;

const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;

/** An archive that was found harmless, open for reading. */
export interface FrameArchive {
  /** The PNG entries in order of name; other entries are left alone. */
  readonly frames: readonly Entry[];
  /** One entry's bytes. Rejects when they do not match the recorded size and CRC. */
  readonly read: (entry: Entry) => Promise<Buffer>;
  readonly close: () => void;
}

/**
 * Opens a zip of PNG files. Refused are archives that would be dangerous for whoever unpacks them:
 * names that lead outside, links, devices, encrypted, doubled, or far larger than they look.
 *
 * @throws Error that says what is wrong
 */
export async function openFrames(path: string, sizeBytes: number): Promise<FrameArchive> {
  // Also refuses absolute names, `..` and backslashes.
  const zip = await openPromise(path, { autoClose: false, strictFileNames: true });
  try {
    const entries = await listEntries(zip, sizeBytes);
    const frames = entries
      .filter((entry) => entry.fileName.toLowerCase().endsWith('.png'))
      .sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
    return {
      frames,
      read: (entry) => readEntry(zip, entry),
      close: () => {
        zip.close();
      },
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function listEntries(zip: ZipFile, sizeBytes: number): Promise<Entry[]> {
  if (zip.entryCount > MOST_ENTRIES) throw new Error(`the archive has ${zip.entryCount} entries`);
  const entries: Entry[] = [];
  const names = new Set<string>();
  let unpackedBytes = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.normalize('NFC').toLowerCase();
    if (names.has(name)) throw new Error('the archive holds a name twice');
    names.add(name);
    const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
    const isFolder = entry.fileName.endsWith('/');
    if (type !== 0 && type !== REGULAR_FILE && !isFolder) {
      throw new Error('the archive holds a link or a device');
    }
    if (entry.isEncrypted()) throw new Error('the archive is encrypted');
    unpackedBytes += entry.uncompressedSize;
    const isBomb = unpackedBytes > HIGHEST_RATIO * sizeBytes;
    if (isBomb || entry.uncompressedSize > LARGEST_ENTRY_BYTES) {
      throw new Error('the archive is far larger unpacked than it looks');
    }
    if (!isFolder) entries.push(entry);
  }
  return entries;
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  if (crc32(bytes) !== entry.crc32) throw new Error('the archive is damaged: a checksum is wrong');
  return bytes;
}
