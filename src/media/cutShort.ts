import type { Container } from './container.ts';
import type { OpenedFile } from './openedFile.ts';

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
export async function isCutShort(file: OpenedFile, container: Container): Promise<boolean> {
  switch (container) {
    case 'mp4':
    case 'mov':
      return await endsInsideBox(file);
    case 'webm':
    case 'matroska':
      return endsInsideSegment(file);
    default:
      return false;
  }
}

async function endsInsideBox(file: OpenedFile): Promise<boolean> {
  let position = 0;
  for (let count = 0; count < MOST_BOXES && position + 8 <= file.sizeBytes; count++) {
    const header = await file.read(position, position + 16);
    if (header.length < 8) return false;
    const shortSize = header.readUInt32BE(0);
    if (shortSize === 1 && header.length < 16) return false;
    const boxSize = shortSize === 1 ? Number(header.readBigUInt64BE(8)) : shortSize;
    // 0 means "to the end of the file"; less than a header is no box at all.
    if (boxSize < 8) return false;
    position += boxSize;
    if (position > file.sizeBytes) return NEEDED_BOXES.has(header.toString('latin1', 4, 8));
  }
  return false;
}

/** EBML (RFC 8794): header element, then one Segment whose size is known unless it was streamed. */
function endsInsideSegment({ head, sizeBytes }: OpenedFile): boolean {
  const headerSize = readSize(head, 4);
  if (headerSize === undefined) return false;
  const segment = 4 + headerSize.width + headerSize.value;
  if (segment + 12 > head.length || head.readUInt32BE(segment) !== 0x18538067) return false;
  const segmentSize = readSize(head, segment + 4);
  return (
    segmentSize !== undefined && segment + 4 + segmentSize.width + segmentSize.value > sizeBytes
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
