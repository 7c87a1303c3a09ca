import { lookup } from 'node:dns';
import { Agent as HttpAgent, type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';

import { got, RequestError, TimeoutError, type Method } from 'got';

import { RbgvError } from '../core/errors.ts';
import { ApiError } from './apiError.ts';
import { recordExchange } from './exchangeRecord.ts';

/** One HTTP exchange, exactly one: no retry, no redirect, no cookie. */
export interface ExchangeRequest {
  readonly method: Method;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream is asked for its next piece when the one before has left. */
  readonly body?: AsyncIterable<Buffer> | string;
  /** A stale kept-alive socket is the usual cause of an unclear answer: the paid call avoids it. */
  readonly freshConnection?: boolean;
  /** Asked about every address before a connection is made to it; default: any. */
  readonly mayConnectTo?: (address: string) => boolean;
  /** Milliseconds until the answer's headers, counted from the end of the request's body. */
  readonly responseTimeoutMs: number;
  /** Milliseconds in which a transfer must move at least a byte; default a minute. */
  readonly idleTimeoutMs?: number;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

const CONNECT_TIMEOUT_MS = 15_000;
/** Nothing moved for this long: transfers have no total limit, only this one. */
const IDLE_TIMEOUT_MS = 60_000;
const LONGEST_JSON_BYTES = 2_000_000;

const keepAlive = {
  http: new HttpAgent({ keepAlive: true, maxSockets: 64 }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: 64, minVersion: 'TLSv1.2' }),
};
const oneShot = {
  http: new HttpAgent({ keepAlive: false }),
  https: new HttpsAgent({ keepAlive: false, minVersion: 'TLSv1.2' }),
};

/**
 * Sends a request and hands over the answer's body as a stream.
 *
 * @throws ApiError for everything that goes wrong below HTTP; the body's own RbgvError; the signal's
 *   reason when aborted
 */
export async function exchange(
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeAnswer & { readonly body: Readable }> {
  return recorded(request, () => send(request, 'as it is', signal));
}

async function send(
  request: ExchangeRequest,
  answer: 'as it is' | 'unpacked',
  signal: AbortSignal,
): Promise<ExchangeAnswer & { readonly body: Readable }> {
  signal.throwIfAborted();
  // got listens to its signal for ever; a signal of one exchange's own ends with the exchange.
  const own = new AbortController();
  const forward = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const { idleTimeoutMs: idleMs = IDLE_TIMEOUT_MS } = request;
  const stream = got.stream(request.url, {
    method: request.method,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
    agent: request.freshConnection === true ? oneShot : keepAlive,
    throwHttpErrors: false,
    followRedirect: false,
    decompress: answer === 'unpacked',
    retry: { limit: 0 },
    signal: own.signal,
    ...(request.mayConnectTo === undefined ? {} : { dnsLookup: guarded(request.mayConnectTo) }),
    timeout: {
      lookup: CONNECT_TIMEOUT_MS,
      connect: CONNECT_TIMEOUT_MS,
      secureConnect: CONNECT_TIMEOUT_MS,
      socket: idleMs,
      response: request.responseTimeoutMs,
    },
  });
  for (const end of ['end', 'error', 'close']) {
    stream.once(end, () => signal.removeEventListener('abort', forward));
  }
  stream.once('request', (sent: ClientRequest) => {
    // Between the end of the request and the answer, silence is the server thinking.
    sent.once('finish', () => sent.setTimeout(Math.max(idleMs, request.responseTimeoutMs)));
    sent.once('response', () => sent.setTimeout(idleMs));
  });
  // Whoever reads the body sees its errors; one that comes after nobody reads any more is noise.
  stream.on('error', () => undefined);
  return await new Promise((resolve, reject) => {
    stream.once('response', (response: { statusCode: number; headers: IncomingHttpHeaders }) => {
      stream.off('error', fail);
      resolve({ status: response.statusCode, headers: response.headers, body: stream });
    });
    function fail(error: unknown): void {
      reject(signal.aborted ? abortReason(signal) : asApiError(error));
    }
    stream.once('error', fail);
  });
}

/**
 * The same, with the body read as text, which may come packed; one of more than 2 MB is refused, and
 * unpacked no further.
 */
export async function exchangeText(
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeAnswer & { readonly text: string }> {
  return recorded(request, () => sendAndRead(request, signal));
}

/** Tells those who listen what was sent and what came of it. */
async function recorded<T extends ExchangeAnswer>(
  request: ExchangeRequest,
  work: () => Promise<T>,
): Promise<T> {
  const begunAt = performance.now();
  try {
    const answer = await work();
    recordExchange(request, begunAt, answer);
    return answer;
  } catch (error) {
    const { code: failure, status } = error instanceof ApiError ? error : STOPPED;
    recordExchange(request, begunAt, { failure, status });
    throw error;
  }
}

const STOPPED = { code: 'stopped', status: undefined };

async function sendAndRead(
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeAnswer & { readonly text: string }> {
  const { status, headers, body } = await send(request, 'unpacked', signal);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LONGEST_JSON_BYTES) {
        throw new ApiError('answer_too_large', 'the answer is larger than 2 MB', {
          outcome: 'ambiguous',
          status,
        });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw signal.aborted ? abortReason(signal) : asApiError(error);
  } finally {
    // A request that was answered before its end would go on for an answer that nobody awaits.
    body.destroy();
  }
  return { status, headers, text: Buffer.concat(chunks).toString('utf8') };
}

/** The system's name look-up, refusing names that lead where they must not. */
function guarded(mayConnectTo: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 4);
        return;
      }
      const first = addresses[0];
      if (first === undefined || addresses.some(({ address }) => !mayConnectTo(address))) {
        const message = `\`${hostname}\` leads into a private network`;
        callback(Object.assign(new Error(message), { code: PRIVATE_ADDRESS }), '', 4);
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}

const NOT_SENT_CODES: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);

const PRIVATE_ADDRESS = 'private_address';

const NOT_SENT_PHASES: ReadonlySet<string> = new Set(['lookup', 'connect', 'secureConnect']);

/** Sorts a failure below HTTP by what is known about the request, not by its name. */
function asApiError(error: unknown): RbgvError {
  if (error instanceof RbgvError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  // The body is to blame, not the network: no repeat can help.
  if (cause.cause instanceof RbgvError) return cause.cause;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  if (code === PRIVATE_ADDRESS) {
    return new ApiError('output_url_refused', cause.message, { outcome: 'definite', cause });
  }
  if (error instanceof TimeoutError) {
    const outcome = NOT_SENT_PHASES.has(error.event) ? 'not_sent' : 'ambiguous';
    return new ApiError('network_timeout', cause.message, { outcome, cause });
  }
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code)) {
    const message = `the secure connection failed: ${cause.message}`;
    return new ApiError('tls_failure', message, { outcome: 'not_sent', cause });
  }
  const outcome = NOT_SENT_CODES.has(code) ? 'not_sent' : 'ambiguous';
  const message = error instanceof RequestError ? `${cause.message} (${code})` : cause.message;
  return new ApiError('network_failure', message, { outcome, cause });
}
