import { createAdaptorServer } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Clock } from '../../core/clock.ts';
import { RbgvError } from '../../core/errors.ts';
import type { Handler } from './faultGate.ts';

/** A listening socket. */
export interface Listener {
  /** Origin by which this machine reaches it. */
  readonly url: string;
  /** Ends every connection. */
  close(): Promise<void>;
}

/**
 * Binds a socket and answers on it.
 *
 * @param port 0 for any free one
 * @throws RbgvError `sandbox_cannot_listen`, for instance because the port is taken
 */
export async function listen(handle: Handler, host: string, port: number): Promise<Listener> {
  const server = createAdaptorServer({
    fetch: handle as (request: Request, bindings: unknown) => Promise<Response>,
    // The process has a life of its own: its global Request and Response stay Node's.
    overrideGlobalObjects: false,
    // Node would cut an upload off after five minutes.
    serverOptions: { requestTimeout: 0 },
  }) as Server;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const message = `cannot listen on \`${host}:${String(port)}\``;
    throw new RbgvError('usage', 'sandbox_cannot_listen', message, {
      hint: 'choose another port, or 0 for any free one',
      cause,
    });
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${reachable(host)}:${String(address.port)}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Writes one line for each request; queries and headers stay out of it. */
export function withRequestLog(
  handle: Handler,
  clock: Clock,
  log: (line: string) => void,
): Handler {
  return async (request, bindings) => {
    const begin = clock.monotonic();
    const response = await handle(request, bindings);
    const outcome = response === RESPONSE_ALREADY_SENT ? 'dropped' : String(response.status);
    const ms = Math.round(clock.monotonic() - begin);
    log(`${request.method} ${new URL(request.url).pathname} ${outcome} ${String(ms)} ms`);
    return response;
  };
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
