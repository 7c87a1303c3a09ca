import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { ServerResponse } from 'node:http';

import type { Clock } from '../../core/clock.ts';

/** Answers written past the framework, straight to the socket, because HTTP forbids them. */

/** Ends the connection instead of an answer. */
export function drop(outgoing: ServerResponse): Response {
  outgoing.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** Keeps the connection open and silent, until the caller or the sandbox ends it. */
export async function keepSilent(
  outgoing: ServerResponse,
  closing: AbortSignal,
): Promise<Response> {
  await new Promise<void>((resolve) => {
    const end = (): void => resolve();
    if (outgoing.destroyed || closing.aborted) end();
    outgoing.once('close', end);
    closing.addEventListener('abort', end, { once: true });
  });
  return drop(outgoing);
}

/** Sends the head as it is, so that its Content-Length promises more than will come. */
export async function cutBody(
  response: Response,
  bytes: number,
  outgoing: ServerResponse,
): Promise<Response> {
  const { body, head } = await opened(response);
  outgoing.writeHead(response.status, head);
  outgoing.flushHeaders();
  let left = bytes;
  for await (const chunk of body) {
    await written(outgoing, chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) break;
  }
  return drop(outgoing);
}

/** Sends a body whose length is not the one that the head states. */
export async function misstateLength(
  response: Response,
  by: number,
  outgoing: ServerResponse,
): Promise<Response> {
  const { body, head } = await opened(response);
  const stated = Math.max(0, Number(head['content-length']) + by);
  outgoing.writeHead(response.status, { ...head, 'content-length': stated });
  outgoing.flushHeaders();
  for await (const chunk of body) await written(outgoing, chunk);
  return drop(outgoing);
}

/** Sends a body in small pieces, `ms` milliseconds apart. */
export async function sendSlowly(
  response: Response,
  pace: { readonly bytes: number; readonly ms: number },
  outgoing: ServerResponse,
  clock: Clock,
  closing: AbortSignal,
): Promise<Response> {
  const { body, head } = await opened(response);
  outgoing.writeHead(response.status, head);
  outgoing.flushHeaders();
  for await (const chunk of body) {
    for (let start = 0; start < chunk.length; start += pace.bytes) {
      await written(outgoing, chunk.subarray(start, start + pace.bytes));
      await clock.sleep(pace.ms, closing).catch(() => undefined);
      if (outgoing.destroyed || closing.aborted) return drop(outgoing);
    }
  }
  outgoing.end();
  return RESPONSE_ALREADY_SENT;
}

/** A response's body in pieces, and its head with the length. */
async function opened(response: Response): Promise<{
  readonly body: AsyncIterable<Uint8Array>;
  readonly head: Readonly<Record<string, string>>;
}> {
  const head = Object.fromEntries(response.headers);
  // Only file answers carry their length; what does not is a short JSON text.
  if ('content-length' in head) {
    return { body: (response.body ?? []) as AsyncIterable<Uint8Array>, head };
  }
  const whole = new Uint8Array(await response.arrayBuffer());
  return {
    body: new Blob([whole]).stream(),
    head: { ...head, 'content-length': String(whole.length) },
  };
}

/** Resolves when the bytes are with the kernel, which delivers them even if the socket ends now. */
function written(outgoing: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    outgoing.write(bytes, () => {
      resolve();
    });
  });
}
