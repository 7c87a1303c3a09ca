import { Buffer } from 'node:buffer';

import type { ByteReader } from './byteReader.ts';

/**
 * Raw pictures travel to and from ffmpeg as Matroska (RFC 9559), for the sake of their times: a bare
 * stream of pictures has none. Times are whole microseconds.
 */

const HEADER = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TRACKS = 0x1654ae6b;
const CLUSTER = 0x1f43b675;
const CLUSTER_TIME = 0xe7;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;
/** Number of the track, time within the cluster, flags. */
const BLOCK_HEADER_BYTES = 4;
const KEY_FRAME = 0x80;
const US_PER_SECOND = 1_000_000;

/**
 * Reads pictures of one size from a stream of one track. Its times, which ffmpeg writes in
 * milliseconds, are taken for microseconds: the clip is slowed down a thousandfold before.
 *
 * @param next where the next picture goes; it must have exactly its size
 * @throws RangeError when a picture has another size
 */
export async function* readPictures(
  reader: ByteReader,
  next: () => Uint8Array | Promise<Uint8Array>,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly timeUs: number }, void, undefined> {
  let clusterTime = 0;
  for (;;) {
    const id = await readNumber(reader, 'id');
    const size = await readNumber(reader, 'size');
    if (id === undefined || size === undefined) return;
    if (id === SEGMENT || id === CLUSTER || id === BLOCK_GROUP) continue;
    if (id === CLUSTER_TIME) {
      clusterTime = toNumber(await reader.take(size));
    } else if (id === SIMPLE_BLOCK || id === BLOCK) {
      const header = await reader.take(BLOCK_HEADER_BYTES);
      if (header.length < BLOCK_HEADER_BYTES) return;
      const timeUs = clusterTime + header.readInt16BE(1);
      const bytes = await next();
      if (bytes.length !== size - BLOCK_HEADER_BYTES) {
        throw new RangeError(
          `a picture has ${size - BLOCK_HEADER_BYTES} bytes, not ${bytes.length}`,
        );
      }
      if (!(await reader.fill(bytes))) return;
      yield { bytes, timeUs };
    } else {
      await reader.take(size);
    }
  }
}

/** Reads an id, which keeps the bits that tell its length, or a size, which does not. */
async function readNumber(reader: ByteReader, what: 'id' | 'size'): Promise<number | undefined> {
  const [first] = await reader.take(1);
  if (first === undefined) return undefined;
  const more = Math.clz32(first) - 24;
  const lead = what === 'id' ? first : first & (0x7f >> more);
  const rest = await reader.take(more);
  return rest.length < more ? undefined : lead * 256 ** more + toNumber(rest);
}

function toNumber(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** The beginning of a stream of raw pictures of the given pixel format, at a usual rate. */
export function streamHeader(
  width: number,
  height: number,
  hasAlpha: boolean,
  rate: { readonly num: number; readonly den: number },
): Buffer {
  const fourcc = hasAlpha ? Buffer.from([0x59, 0x34, 11, 8]) : Buffer.from('I420');
  return Buffer.concat([
    element(HEADER, element(0x4282, Buffer.from('matroska'))),
    ...[bytesOf(SEGMENT), UNKNOWN_SIZE],
    element(INFO, element(0x2ad7b1, bytesOf(1000))),
    element(
      TRACKS,
      element(
        0xae,
        element(0xd7, bytesOf(1)),
        element(0x73c5, bytesOf(1)),
        element(0x83, bytesOf(1)),
        element(0x86, Buffer.from('V_UNCOMPRESSED')),
        element(0x23e383, bytesOf(Math.round((1000 * US_PER_SECOND * rate.den) / rate.num))),
        element(
          0xe0,
          element(0xb0, bytesOf(width)),
          element(0xba, bytesOf(height)),
          element(0x2eb524, fourcc),
        ),
      ),
    ),
  ]);
}

/** What stands before a picture of `size` bytes. */
export function pictureHeader(timeUs: number, size: number): Buffer {
  const time = element(CLUSTER_TIME, bytesOf(timeUs));
  const block = Buffer.concat([
    ...[bytesOf(SIMPLE_BLOCK), sizeBytes(BLOCK_HEADER_BYTES + size)],
    Buffer.from([0x81, 0, 0, KEY_FRAME]),
  ]);
  const content = time.length + block.length + size;
  return Buffer.concat([bytesOf(CLUSTER), sizeBytes(content), time, block]);
}

const UNKNOWN_SIZE = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

function element(id: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([bytesOf(id), sizeBytes(body.length), body]);
}

function sizeBytes(size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(size));
  bytes[0] = 0x01;
  return bytes;
}

function bytesOf(value: number): Buffer {
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}
