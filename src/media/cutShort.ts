import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

import type { Container } from './container.ts';

/** Boxes without which a clip cannot be played to its end. */
const NEEDED_BOXES = new Set(['mdat', 'moov', 'moof']);

const MOST_BOXES = 100_000;

/**
 * Whether a file ends before the data that its own headers announce: a copy or a download that was
 * broken off. Such a file can have a good header, and would be paid for. Only MP4, MOV and WebM
 * announce it reliably; `false` for the others.
 *
 * @throws the file system's error when the file cannot be read
 */
export async function isCutShort(path: string, container: Container): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    switch (container) {
      case 'mp4':
      case 'mov':
        return await endsInsideBox(file, size);
      case 'webm':
      case 'matroska':
        return await endsInsideSegment(file, size);
      default:
        return false;
    }
  } finally {
    await file.close();
  }
}

async function endsInsideBox(file: FileHandle, fileSize: number): Promise<boolean> {
  const header = Buffer.alloc(16);
  let position = 0;
  for (let count = 0; count < MOST_BOXES && position + 8 <= fileSize; count++) {
    const { bytesRead } = await file.read(header, 0, 16, position);
    const shortSize = header.readUInt32BE(0);
    const boxSize = shortSize === 1 ? Number(header.readBigUInt64BE(8)) : shortSize;
    // 0 means "to the end of the file"; less than a header is no box at all.
    if (bytesRead < 8 || boxSize < 8) return false;
    position += boxSize;
    if (position > fileSize) return NEEDED_BOXES.has(header.toString('latin1', 4, 8));
  }
  return false;
}

/** EBML (RFC 8794): header element, then one Segment whose size is known unless it was streamed. */
async function endsInsideSegment(file: FileHandle, fileSize: number): Promise<boolean> {
  const head = Buffer.alloc(4_096);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  const headerSize = readSize(head, 4);
  if (headerSize === undefined) return false;
  const segment = 4 + headerSize.width + headerSize.value;
  if (segment + 12 > bytesRead || head.readUInt32BE(segment) !== 0x18538067) return false;
  const segmentSize = readSize(head, segment + 4);
  return (
    segmentSize !== undefined && segment + 4 + segmentSize.width + segmentSize.value > fileSize
  );
}

/** An element's size field; `undefined` when it says "unknown". */
function readSize(
  bytes: Buffer,
  at: number,
): { readonly value: number; readonly width: number } | undefined {
  const first = bytes[at] ?? 0;
  const width = Math.clz32(first) - 23;
  if (width > 8) return undefined;
  let value = first & (0xff >> width);
  let isUnknown = value === 0xff >> width;
  for (const byte of bytes.subarray(at + 1, at + width)) {
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return isUnknown ? undefined : { value, width };
}
