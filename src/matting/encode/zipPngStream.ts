import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { ZipFile } from 'yazl';

/** The same for every job, so that equal frames make equal archives. */
const TIMESTAMP = new Date('1980-01-01T00:00:00Z');

/**
 * Packs PNG pictures that follow one another on a stream into a zip of `frame_000001.png` and so
 * on, stored as they are (they are deflated already). Holds one picture at a time.
 *
 * @throws when the stream ends inside a picture or the archive cannot be written
 */
export async function zipPngStream(pictures: Readable, path: string): Promise<void> {
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(path));
  written.catch(() => undefined);
  let number = 0;
  for await (const picture of splitPngs(pictures)) {
    number++;
    const name = `frame_${String(number).padStart(6, '0')}.png`;
    zip.addBuffer(picture, name, { compress: false, mtime: TIMESTAMP, mode: 0o100644 });
    const out = zip.outputStream;
    if (out instanceof Writable && out.writableNeedDrain) {
      await Promise.race([once(out, 'drain'), written]);
    }
  }
  zip.end();
  await written;
}

const SIGNATURE_BYTES = 8;

/** Cuts a stream of PNG pictures at their `IEND` chunks. */
async function* splitPngs(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
  let parts: Buffer[] = [];
  let held = 0;
  /** Where the next chunk header of the picture begins. */
  let header = SIGNATURE_BYTES;
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    parts.push(bytes);
    held += bytes.length;
    while (held >= header + 8) {
      const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      parts = [all];
      // Length, type, content, checksum (PNG specification, 5.3).
      const end = header + 12 + all.readUInt32BE(header);
      const isLast = all.toString('latin1', header + 4, header + 8) === 'IEND';
      if (!isLast) {
        header = end;
        continue;
      }
      if (held < end) break;
      yield all.subarray(0, end);
      parts = [all.subarray(end)];
      held -= end;
      header = SIGNATURE_BYTES;
    }
  }
  if (held > 0) throw new Error('the last picture is cut off');
}
