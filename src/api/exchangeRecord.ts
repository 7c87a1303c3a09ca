import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, subscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders } from 'node:http';

/** One exchange as it may be written into a log: no key, no body, no query value but of paging. */
export interface ExchangeRecord {
  readonly method: string;
  /** Scheme, host, path and the names in the query. */
  readonly url: string;
  /** 1 for the first time a call is sent. */
  readonly attempt: number;
  /** Milliseconds from sending to the whole answer; of an output, to its beginning. */
  readonly ms: number;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** The error's code, when there was no answer. */
  readonly failure: string | undefined;
}

const NAME = 'rbgv:exchange';
const exchanges = channel(NAME);

/** Which try of a call this is; set by whoever repeats calls, read where they are sent. */
export const attempts = new AsyncLocalStorage<number>();

/** Calls back with every exchange of this process from now on. */
export function onExchange(listen: (record: ExchangeRecord) => void): void {
  subscribe(NAME, (message) => listen(message as ExchangeRecord));
}

/** Tells of an exchange; costs nothing while nobody listens. */
export function recordExchange(
  request: { readonly method: string; readonly url: string },
  begunAt: number,
  result: {
    readonly status?: number | undefined;
    readonly headers?: IncomingHttpHeaders;
    readonly text?: string;
    readonly failure?: string;
  },
): void {
  if (!exchanges.hasSubscribers) return;
  const record: ExchangeRecord = {
    method: request.method,
    url: loggable(request.url),
    attempt: attempts.getStore() ?? 1,
    ms: Math.round(performance.now() - begunAt),
    status: result.status,
    requestId: requestIdOf(result),
    failure: result.failure,
  };
  exchanges.publish(record);
}

/** Query values that are no secret anywhere; those of an output's address are its permission. */
const SHOWN: ReadonlySet<string> = new Set(['limit', 'offset', 'status', 'days']);

function loggable(text: string): string {
  if (!URL.canParse(text)) return '(no address)';
  const { origin, pathname, searchParams } = new URL(text);
  const query = [...searchParams].map(([name, value]) =>
    SHOWN.has(name) ? `${name}=${value}` : name,
  );
  return `${origin}${pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/** Documented in the body of refusals only (vendor page: errors); a header is worth a look. */
export function requestIdOf({
  headers,
  text,
}: {
  readonly headers?: IncomingHttpHeaders;
  readonly text?: string;
}): string | undefined {
  const header = headers?.['x-request-id'];
  if (typeof header === 'string') return header;
  return /"request_id"\s*:\s*"([\w.-]{1,100})"/.exec(text ?? '')?.[1];
}
