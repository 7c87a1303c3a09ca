import { crc32 } from 'node:zlib';

import type { Entry, ZipFile } from 'yauzl';
import { openPromise } from 'yauzl';

const MOST_ENTRIES = 100_000;
/** One picture is held in memory at a time: 8K with 16 bits a channel, uncompressed, is 265 MB. */
const LARGEST_ENTRY_BYTES = 300_000_000;
/** Flat pictures compress well, but a bomb compresses a thousandfold. */
const HIGHEST_RATIO = 200;

/** Fixed part of the header that stands before each entry's bytes (ZIP application note, 4.3.7). */
const LOCAL_HEADER_BYTES = 30;
const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** `frame_2` before `frame_10`. */
const natural = new Intl.Collator('en', { numeric: true });

const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;

/** An archive that was found harmless, open for reading. */
export interface FrameArchive {
  /** The PNG entries in order of name; other entries are left alone. */
  readonly frames: readonly Entry[];
  /** One entry's bytes. Rejects when they are no PNG, or not of the recorded size and CRC. */
  readonly read: (entry: Entry) => Promise<Buffer>;
  readonly close: () => void;
}

/**
 * Opens a zip of PNG files. Refused are archives that would be dangerous for whoever unpacks them:
 * names that lead outside, links, devices, encrypted, doubled, sharing their bytes, or far larger
 * than they look.
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
      .sort((a, b) => natural.compare(a.fileName, b.fileName));
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
  refuseOverlaps(entries, sizeBytes);
  return entries;
}

/** The better sort of bomb lets thousands of entries unpack the same bytes. */
function refuseOverlaps(entries: readonly Entry[], sizeBytes: number): void {
  const inOrder = entries.toSorted(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  );
  for (const [index, entry] of inOrder.entries()) {
    const { relativeOffsetOfLocalHeader: begin, fileNameLength, compressedSize } = entry;
    const end = begin + LOCAL_HEADER_BYTES + fileNameLength + compressedSize;
    if (end > (inOrder[index + 1]?.relativeOffsetOfLocalHeader ?? sizeBytes)) {
      throw new Error('the archive holds entries that overlap');
    }
  }
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  if (crc32(bytes) !== entry.crc32) throw new Error('the archive is damaged: a checksum is wrong');
  if (!bytes.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) {
    throw new Error('the archive calls a PNG what is none');
  }
  return bytes;
}
