import type { FileHandle } from 'node:fs/promises';

/** One frame of an animation: a rectangle that is drawn on the canvas. */
export interface WebpFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
  /** Its rectangle is cleared before the next frame. */
  readonly isDisposed: boolean;
  /** It replaces what is below, alpha included, instead of being blended onto it. */
  readonly replaces: boolean;
  /** Where its image chunks are in the file. */
  readonly offset: number;
  readonly length: number;
}

export interface WebpAnimation {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly WebpFrame[];
}

/** Bytes of an ANMF chunk before its image. */
const FRAME_HEADER = 16;

/**
 * Reads the frames of an animated WebP from its chunk headers (vendor page: WebP container
 * specification); ffmpeg cannot decode animations.
 *
 * @throws Error when the file is not an animation or ends too early
 */
export async function readAnimation(file: FileHandle): Promise<WebpAnimation> {
  const { size } = await file.stat();
  const head = await readExactly(file, 0, 30);
  const riffEnd = head.readUInt32LE(4) + 8;
  if (riffEnd > size) throw new Error('the file ends before its data does');
  if (head.toString('latin1', 12, 16) !== 'VP8X') throw new Error('not an animation');
  const frames: WebpFrame[] = [];
  for (let position = 12; position + 8 <= riffEnd;) {
    const chunk = await readExactly(file, position, 8);
    const length = chunk.readUInt32LE(4);
    if (position + 8 + length > riffEnd) throw new Error('a chunk is longer than the file');
    if (chunk.toString('latin1', 0, 4) === 'ANMF') {
      frames.push(toFrame(await readExactly(file, position + 8, FRAME_HEADER), position, length));
    }
    position += 8 + length + (length % 2);
  }
  if (frames.length === 0) throw new Error('not an animation');
  return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1, frames };
}

/** One frame's rectangle as a still WebP file, which ffmpeg can decode. */
export async function readStill(file: FileHandle, frame: WebpFrame): Promise<Buffer> {
  const image = await readExactly(file, frame.offset, frame.length);
  const header = Buffer.alloc(30);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(header.length - 8 + image.length, 4);
  header.write('WEBPVP8X', 8, 'latin1');
  header.writeUInt32LE(10, 16);
  const hasAlpha = ['ALPH', 'VP8L'].includes(image.toString('latin1', 0, 4));
  header.writeUInt8(hasAlpha ? 0x10 : 0, 20);
  header.writeUIntLE(frame.width - 1, 24, 3);
  header.writeUIntLE(frame.height - 1, 27, 3);
  return Buffer.concat([header, image]);
}

/**
 * The frames whose rectangle, on an empty canvas, is the whole picture at their time: nothing that
 * was drawn before shows beside or through them.
 */
export function selfContainedFrames({ frames }: WebpAnimation): readonly WebpFrame[] {
  let drawn: WebpFrame[] = [];
  return frames.filter((frame) => {
    drawn = drawn.filter((earlier) => !(frame.replaces && covers(frame, earlier)));
    const isAlone = drawn.length === 0;
    if (frame.isDisposed) drawn = drawn.filter((earlier) => !covers(frame, earlier));
    else drawn = [...drawn.filter((earlier) => !covers(frame, earlier)), frame];
    return isAlone;
  });
}

function covers(one: WebpFrame, other: WebpFrame): boolean {
  return (
    one.x <= other.x &&
    one.y <= other.y &&
    one.x + one.width >= other.x + other.width &&
    one.y + one.height >= other.y + other.height
  );
}

function toFrame(header: Buffer, position: number, length: number): WebpFrame {
  const flags = header.readUInt8(15);
  return {
    x: header.readUIntLE(0, 3) * 2,
    y: header.readUIntLE(3, 3) * 2,
    width: header.readUIntLE(6, 3) + 1,
    height: header.readUIntLE(9, 3) + 1,
    durationMs: header.readUIntLE(12, 3),
    isDisposed: (flags & 1) === 1,
    replaces: (flags & 2) === 2,
    offset: position + 8 + FRAME_HEADER,
    length: length - FRAME_HEADER,
  };
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (length < 0) throw new Error('a chunk is too short');
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead < length) throw new Error('the file ends before its data does');
  return bytes;
}
