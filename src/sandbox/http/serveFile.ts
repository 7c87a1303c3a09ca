import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable } from 'node:stream';

import type { Behaviour } from '../behaviour.ts';
import { ApiFailure } from './apiFailure.ts';
import { parseRange } from './byteRange.ts';
import { CONTENT_TYPES } from './mediaTypes.ts';

/**
 * Serves a file as a content delivery network does: strong ETag, Content-Length, one byte range
 * (RFC 9110, section 14), and If-Range, so that two pieces of different files are never spliced.
 *
 * @throws ApiFailure 404 when the file does not exist, 416 for a range beyond its end
 */
export async function serveFile(
  path: string,
  request: Request,
  behaviour: Pick<Behaviour, 'etag' | 'ranges'>,
): Promise<Response> {
  const file = await open(path).catch(() => {
    throw new ApiFailure(404, 'not_found', 'File not found');
  });
  const { size, mtimeNs, ino } = await file.stat({ bigint: true });
  const total = Number(size);
  const etag = `"${ino.toString(16)}-${size.toString(16)}-${mtimeNs.toString(16)}"`;
  const headers = {
    ...(behaviour.ranges ? { 'accept-ranges': 'bytes' } : {}),
    ...(behaviour.etag === 'none' ? {} : { etag: behaviour.etag === 'weak' ? `W/${etag}` : etag }),
    'content-type': CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
  };
  const ifRange = request.headers.get('if-range');
  // If-Range compares strongly: a weak tag, or one that was never sent, matches nothing.
  const isSame = ifRange === null || (behaviour.etag === 'strong' && ifRange === etag);
  const range =
    behaviour.ranges && isSame ? parseRange(request.headers.get('range'), total) : undefined;
  if (range === 'unsatisfiable') {
    await file.close();
    throw new ApiFailure(416, 'invalid_range', 'Range not satisfiable', {
      headers: { 'content-range': `bytes */${String(total)}` },
    });
  }
  const { start, end } = range ?? { start: 0, end: total - 1 };
  const answer = {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headers,
      'content-length': String(end - start + 1),
      ...(range === undefined
        ? {}
        : { 'content-range': `bytes ${String(start)}-${String(end)}/${String(total)}` }),
    },
  };
  if (request.method === 'HEAD' || total === 0) {
    await file.close();
    return new Response(null, answer);
  }
  return new Response(Readable.toWeb(file.createReadStream({ start, end })), answer);
}
