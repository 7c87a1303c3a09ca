import type { ByteReader } from '../media/byteReader.ts';

const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;

/** The encoded frames of an IVF stream, one after the other; what follows a cut is left out. */
export async function* readIvf(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  await reader.take(FILE_HEADER_BYTES);
  for (;;) {
    const header = await reader.take(FRAME_HEADER_BYTES);
    if (header.length < FRAME_HEADER_BYTES) return;
    const data = new Uint8Array(header.readUInt32LE(0));
    if (!(await reader.fill(data))) return;
    yield data;
  }
}
