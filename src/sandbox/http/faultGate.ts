import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { ServerResponse } from 'node:http';

import type { Clock } from '../../core/clock.ts';
import type { Endpoint, FaultEffect, FaultScript } from '../faults.ts';
import { defaultCode, errorResponse } from './apiFailure.ts';

/** Answers one request; what hono's `fetch` is. */
export type Handler = (request: Request, bindings: HttpBindings) => Promise<Response>;

const DOORS: readonly (readonly [Endpoint, method: string, path: RegExp])[] = [
  ['get', 'GET', /^\/v1\/jobs\/[^/]+$/],
  ['output', 'GET', /^\/outputs\//],
  ['uploads', 'POST', /^\/v1\/uploads$/],
  ['create', 'POST', /^\/v1\/jobs$/],
  ['start', 'POST', /^\/v1\/jobs\/[^/]+\/start$/],
  ['list', 'GET', /^\/v1\/jobs$/],
  ['download', 'GET', /^\/api\/download\//],
  ['pricing', 'GET', /^\/api\/pricing$/],
  ['summary', 'GET', /^\/v1\/usage\/summary$/],
  ['events', 'GET', /^\/v1\/usage\/events$/],
  ['input', 'GET', /^\/uploads\//],
  ['health', 'GET', /^\/health$/],
];

function endpointOf(request: Request): Endpoint {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const { pathname } = new URL(request.url);
  const door = DOORS.find(([, verb, path]) => verb === method && path.test(pathname));
  return door?.[0] ?? 'other';
}

/**
 * Lets a fault script strike between the socket and the application, as a proxy or a network would:
 * the application never knows.
 *
 * @param closing ends waits when the sandbox closes
 */
export function withFaults(
  handle: Handler,
  script: FaultScript,
  clock: Clock,
  closing: AbortSignal,
): Handler {
  return (request, bindings) => {
    const fault = script.next(endpointOf(request));
    const execute = (): Promise<Response> => handle(request, bindings);
    return fault === undefined ? execute() : strike(fault, execute, bindings.outgoing);
  };

  async function strike(
    fault: FaultEffect,
    execute: () => Promise<Response>,
    outgoing: ServerResponse,
  ): Promise<Response> {
    switch (fault.kind) {
      case 'drop_before':
        return drop(outgoing);
      case 'drop_after':
        await discard(await execute());
        return drop(outgoing);
      case 'status': {
        if (fault.when === 'after') await discard(await execute());
        const code = fault.code ?? defaultCode(fault.status);
        const failure = { status: fault.status, code, message: 'scripted fault' };
        return errorResponse(
          failure,
          fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) },
        );
      }
      case 'html_502':
        if (fault.when === 'after') await discard(await execute());
        return new Response('<html><h1>502 Bad Gateway</h1></html>', {
          status: 502,
          headers: { 'content-type': 'text/html' },
        });
      case 'truncated_json': {
        const response = await execute();
        const text = await response.text();
        return new Response(text.slice(0, Math.floor(text.length / 2)), {
          status: response.status,
          headers: { 'content-type': 'application/json' },
        });
      }
      case 'cut_body_at':
        return cutBody(await execute(), fault.bytes, outgoing);
      case 'delay': {
        if (fault.when === 'after') {
          const response = await execute();
          await clock.sleep(fault.ms, closing);
          return response;
        }
        await clock.sleep(fault.ms, closing);
        return execute();
      }
    }
  }
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

function drop(outgoing: ServerResponse): Response {
  outgoing.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** Sends the head as it is, so that its Content-Length promises more than will come. */
async function cutBody(
  response: Response,
  bytes: number,
  outgoing: ServerResponse,
): Promise<Response> {
  const headers = Object.fromEntries(response.headers);
  // Only file answers carry their length; what does not is a short JSON text.
  const whole = 'content-length' in headers ? undefined : await response.arrayBuffer();
  const body = whole === undefined ? response.body : new Blob([whole]).stream();
  outgoing.writeHead(
    response.status,
    whole === undefined ? headers : { ...headers, 'content-length': whole.byteLength },
  );
  outgoing.flushHeaders();
  let left = bytes;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    await written(outgoing, chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) break;
  }
  return drop(outgoing);
}

/** Resolves when the bytes are with the kernel, which delivers them even if the socket ends now. */
function written(outgoing: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    outgoing.write(bytes, () => {
      resolve();
    });
  });
}
