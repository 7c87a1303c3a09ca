/** Answers that are whole HTTP and not what was asked for. */

export function htmlPage(status: number, title: string): Response {
  return new Response(`<html><h1>${title}</h1></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  });
}

/** What a content delivery network says of a URL that is too old. */
export function expiredUrl(): Response {
  const error = '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>';
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${error}`, {
    status: 403,
    headers: { 'content-type': 'application/xml' },
  });
}

/** The first half of a JSON answer. */
export async function halfJson(response: Response): Promise<Response> {
  const text = await response.text();
  return new Response(text.slice(0, Math.floor(text.length / 2)), {
    status: response.status,
    headers: { 'content-type': 'application/json' },
  });
}

/** A JSON answer with other members; one that is no object stays as it is. */
export async function rewritten(
  response: Response,
  set: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const body: unknown = await response.json();
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return Response.json(isObject ? { ...body, ...set } : body, { status: response.status });
}

/** An answer in chunks, without a Content-Length. */
export function withoutLength(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return new Response(response.body, { status: response.status, headers });
}

/** A piece that claims to come from elsewhere in the file. */
export function movedRange(response: Response, by: number): Response {
  const range = response.headers.get('content-range');
  if (range === null) return response;
  const headers = new Headers(response.headers);
  const move = (number: string): string => String(Math.max(0, Number(number) + by));
  headers.set(
    'content-range',
    range.replace(/(\d+)-(\d+)/, (_, start: string, end: string) => `${move(start)}-${move(end)}`),
  );
  return new Response(response.body, { status: response.status, headers });
}

/**
 * The request as the server sees it after the file was replaced: a piece of the old one cannot be
 * had, so that `If-Range` gets the whole new one.
 */
export function askedOfNewFile(request: Request): Request {
  const headers = new Headers(request.headers);
  if (headers.has('if-range')) headers.delete('range');
  headers.delete('if-range');
  return new Request(request.url, { method: request.method, headers });
}

/** Other bytes of the same length, each one inverted, so that no splice goes unnoticed. */
export function changedBytes(response: Response, etag: 'new' | 'same'): Response {
  const headers = new Headers(response.headers);
  const old = headers.get('etag');
  if (old !== null && etag === 'new') headers.set('etag', old.replace(/"$/, '-changed"'));
  const inverted = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => controller.enqueue(chunk.map((byte) => byte ^ 0xff)),
  });
  const body = response.body?.pipeThrough(inverted) ?? null;
  return new Response(body, { status: response.status, headers });
}
