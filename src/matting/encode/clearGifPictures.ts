import { Transform } from 'node:stream';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const GRAPHIC_CONTROL = 0xf9;
/** "Restore to background colour", where bits 2 to 4 of a graphic control hold it. */
const DISPOSE_TO_BACKGROUND = 2 << 2;

/** A byte of the stream, which may be replaced. */
interface Place {
  readonly bytes: Buffer;
  readonly at: number;
}

/**
 * Passes a GIF on with every picture cleared before the next is drawn. ffmpeg 4.1 lets pictures
 * pile up, so a transparent subject draws a trail; later versions clear by themselves, and nothing
 * changes. The pictures must have the size of the canvas (`-gifflags 0`).
 */
export function clearGifPictures(): Transform {
  const walk = walkGif();
  let skip = walk.next().value ?? 0;
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      let at = 0;
      for (; at + skip < bytes.length; at++) {
        at += skip;
        skip = walk.next({ bytes, at }).value ?? Infinity;
      }
      skip -= bytes.length - at;
      done(null, bytes);
    },
  });
}

/** Yields how many bytes to pass over and is given the one behind them (GIF89a, appendix B). */
function* walkGif(): Generator<number, void, Place> {
  const screenFlags = read(yield 10);
  let block = read(yield 2 + tableBytes(screenFlags));
  while (block === EXTENSION || block === IMAGE) {
    let pass = 0;
    if (block === IMAGE) {
      const imageFlags = read(yield 8);
      pass = tableBytes(imageFlags) + 1;
    } else if (read(yield 0) === GRAPHIC_CONTROL) {
      yield 0;
      const flags = yield 0;
      flags.bytes[flags.at] = (read(flags) & ~0x1c) | DISPOSE_TO_BACKGROUND;
      pass = 3;
    }
    for (let size = read(yield pass); size > 0;) size = read(yield size);
    block = read(yield 0);
  }
}

function read({ bytes, at }: Place): number {
  return bytes[at]!;
}

/** Bytes of the colour table that these flags announce. */
function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}
