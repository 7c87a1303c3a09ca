import { createReadStream } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import { Readable } from 'node:stream';

import type { UploadSource } from './api.ts';

/** MIME types the service takes (vendor page: uploads). */
const MIME_TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
  '.avi': 'video/x-msvideo',
};

/** Large enough to keep up with a fast line, small enough not to be felt in memory. */
const CHUNK_BYTES = 262_144;

/**
 * One file as a `multipart/form-data` body with a known length, read while it is sent: memory does
 * not grow with the file. A body can be read once; a repeat needs a new one.
 */
export function multipartFile(source: UploadSource): {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
} {
  const boundary = `rbgv-${randomUUID()}`;
  const type = MIME_TYPES[extname(source.path).toLowerCase()] ?? 'application/octet-stream';
  const head = Buffer.from(
    `--${boundary}\r\n` +
      `Content-Disposition: form-data; name="file"; filename="${asciiName(source.fileName)}"\r\n` +
      `Content-Type: ${type}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);

  async function* parts(): AsyncGenerator<Buffer> {
    yield head;
    let sent = 0;
    // Reads no further than the size that was announced, should the file grow meanwhile.
    const file = createReadStream(source.path, {
      end: source.sizeBytes - 1,
      highWaterMark: CHUNK_BYTES,
    });
    const bytes = file as AsyncIterable<Buffer>;
    for await (const chunk of source.paced?.(bytes) ?? bytes) {
      sent += chunk.length;
      yield chunk;
      source.onProgress(sent / source.sizeBytes);
    }
    if (sent < source.sizeBytes) throw new Error(`\`${source.path}\` shrank while it was sent`);
    yield tail;
  }

  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + source.sizeBytes + tail.length),
    },
    body: Readable.from(parts(), { objectMode: false }),
  };
}

/** The server only ever sees a plain name: quotes, controls and other scripts are replaced. */
function asciiName(name: string): string {
  const plain = name.normalize('NFKD').replace(/[^\w.-]/g, '_');
  return plain.length <= 100 ? plain : plain.slice(-100);
}
