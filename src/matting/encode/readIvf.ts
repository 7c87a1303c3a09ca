import type { Readable } from 'node:stream';

const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;

/** The encoded frames of an IVF stream, one after the other; what follows a cut is left out. */
export function readIvf(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  // A pipe that nobody reads at once is drained by execa; one that was told to wait is not.
  stream.pause();
  return splitFrames(stream);
}

async function* splitFrames(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let skip = FILE_HEADER_BYTES;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < skip + FRAME_HEADER_BYTES) break;
      const start = skip + FRAME_HEADER_BYTES;
      const end = start + rest.readUInt32LE(skip);
      if (rest.length < end) break;
      yield rest.subarray(start, end);
      rest = rest.subarray(end);
      skip = 0;
    }
  }
}
