import { readFile } from 'node:fs/promises';

/** What an animated WebP says of itself; ffmpeg 4 and 5 cannot decode one. */
export interface AnimatedWebp {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  readonly durationMs: number;
  /** The first picture as a file of its own. */
  readonly firstPicture: Buffer;
  /** Where on the canvas it lies. */
  readonly firstLeft: number;
  readonly firstTop: number;
}

/** Reads the chunks of an animated WebP (container specification: VP8X, ANMF). */
export async function readWebp(path: string): Promise<AnimatedWebp> {
  const file = await readFile(path);
  let width = 0;
  let height = 0;
  let hasAlpha = false;
  let durationMs = 0;
  let firstPicture: Buffer | undefined;
  let firstLeft = 0;
  let firstTop = 0;
  for (const { name, body } of chunks(file.subarray(12))) {
    if (name === 'VP8X') {
      hasAlpha = (body[0]! & 0x10) !== 0;
      width = body.readUIntLE(4, 3) + 1;
      height = body.readUIntLE(7, 3) + 1;
    }
    if (name === 'ANMF') {
      durationMs += body.readUIntLE(12, 3);
      if (firstPicture === undefined) {
        firstPicture = still(body);
        firstLeft = 2 * body.readUIntLE(0, 3);
        firstTop = 2 * body.readUIntLE(3, 3);
      }
    }
  }
  if (firstPicture === undefined) throw new Error(`${path} has no pictures`);
  return { width, height, hasAlpha, durationMs, firstPicture, firstLeft, firstTop };
}

function* chunks(bytes: Buffer): Generator<{ name: string; body: Buffer }> {
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32LE(at + 4);
    yield {
      name: bytes.toString('latin1', at, at + 4),
      body: bytes.subarray(at + 8, at + 8 + size),
    };
    at += 8 + size + (size % 2);
  }
}

function still(frame: Buffer): Buffer {
  const pictures = frame.subarray(16);
  const header = Buffer.alloc(10);
  header[0] = 0x10;
  frame.copy(header, 4, 6, 12);
  const body = Buffer.concat([Buffer.from('WEBP'), chunk('VP8X', header), pictures]);
  return chunk('RIFF', body);
}

function chunk(name: string, body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from(name), size, body]);
}
