import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Clock } from '../../core/clock.ts';
import { RbgvError } from '../../core/errors.ts';
import { safeJobId } from '../jobViewFromWire.ts';
import { isGenuine, readClaim, WINDOW_MS, type Claim } from './verifyWebhook.ts';

/** A delivery whose signature is right: its bytes came from who knows the secret. */
export interface WebhookEvent {
  readonly timestamp: string;
  /** From the signed body, whose shape is documented nowhere. */
  readonly event: string | undefined;
  readonly jobId: string | undefined;
  /** Parsed JSON; `undefined` when it is none. */
  readonly body: unknown;
}

export interface WebhookReceiver {
  /** `host:port` it listens on. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

const MOST_BYTES = 1_000_000;
const TIMEOUT_MS = 10_000;
const MOST_CONNECTIONS = 100;

/**
 * Listens for the service's webhooks. What is not signed, or signed too long ago, gets 401; what was
 * accepted before counts once; the sender is answered before anybody acts.
 *
 * @param options.secrets at least one; several while one replaces another
 * @param options.timeoutMs for one request to be sent in full; default 10 s
 * @throws RbgvError `webhook_cannot_listen`
 */
export async function startWebhookReceiver(options: {
  readonly host: string;
  readonly port: number;
  readonly secrets: readonly string[];
  readonly clock: Clock;
  readonly onEvent: (event: WebhookEvent) => void;
  readonly timeoutMs?: number;
}): Promise<WebhookReceiver> {
  const { host, port, secrets, clock, onEvent, timeoutMs = TIMEOUT_MS } = options;
  const isNew = createReplayMemory(clock);

  /** What was signed, or the status with which it is refused. */
  async function hear(request: IncomingMessage): Promise<(Claim & { body: Buffer }) | number> {
    if (request.method !== 'POST') return 405;
    const claim = readClaim(request.headers, clock.now());
    if (claim === undefined) return 401;
    const body = await readBody(request);
    if (body === undefined) return 413;
    return isGenuine(claim, body, secrets) ? { ...claim, body } : 401;
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const heard = await hear(request);
    if (typeof heard === 'number') {
      // The connection ends with the answer: nobody reads what else a stranger sends.
      response.writeHead(heard, { connection: 'close' }).end();
      return;
    }
    response.writeHead(204).end();
    if (isNew(heard.mac)) onEvent({ timestamp: heard.timestamp, ...contentOf(heard.body) });
  }

  const server = createServer(
    {
      headersTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      connectionsCheckingInterval: Math.min(1_000, timeoutMs / 2),
    },
    (request, response) => {
      // A sender that went away while it was heard has said nothing.
      receive(request, response).catch(() => response.destroy());
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const at = `${host}:${port}`;
    throw new RbgvError('usage', 'webhook_cannot_listen', `cannot listen on \`${at}\``, {
      hint: 'choose another address with --webhook-listen',
      cause,
    });
  }
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** `undefined` when it is too long; no more of it is kept than may be. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The unsigned delivery id proves nothing: what was accepted is known by its signature. */
function createReplayMemory(clock: Clock): (mac: string) => boolean {
  const seen = new Map<string, number>();
  return (mac) => {
    const now = clock.monotonic();
    for (const [old, until] of seen) {
      if (until > now) break;
      seen.delete(old);
    }
    if (seen.has(mac)) return false;
    // Until no clock in the window can let it in again.
    seen.set(mac, now + 2 * WINDOW_MS);
    return true;
  };
}

/** The shapes that templates and SDKs suggest: fields at the top, or in `data`. */
function contentOf(raw: Buffer): Pick<WebhookEvent, 'event' | 'jobId' | 'body'> {
  let body: unknown;
  try {
    body = JSON.parse(raw.toString('utf8'));
  } catch {
    return { event: undefined, jobId: undefined, body: undefined };
  }
  const top = fieldsOf(body);
  const event = typeof top['event'] === 'string' ? top['event'] : undefined;
  return { event, jobId: safeJobId(fieldsOf(top['data'])) ?? safeJobId(top), body };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
