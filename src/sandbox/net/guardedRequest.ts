import { lookup as resolve } from 'node:dns';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

import { isReachable, type Reach } from './addresses.ts';

interface GuardedOptions {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly reach: Reach;
  readonly signal: AbortSignal;
}

/**
 * One HTTP call that connects to allowed addresses only. The check is made on the address that is
 * connected to, so a name that resolves differently a moment later does no harm. Redirects are not
 * followed.
 *
 * @returns the answer, its body unread
 * @throws Error when the host is out of reach or does not answer
 */
export async function guardedRequest(url: URL, options: GuardedOptions): Promise<IncomingMessage> {
  const { method, headers, body, reach, signal } = options;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`${url.protocol} is not fetched`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // Node resolves no literal address, so the hook below would not see it.
  if (isIP(host) !== 0 && !isReachable(host, reach)) throw outOfReach(host);
  const settings: RequestOptions = {
    method,
    headers: { ...headers },
    // No connection outlives its call.
    agent: false,
    lookup: guardedLookup(reach),
    signal,
  };
  const call = url.protocol === 'https:' ? httpsRequest(url, settings) : httpRequest(url, settings);
  call.end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  // From here on a broken connection shows where the body is read, if it is read.
  for (const end of [call, answer]) end.on('error', () => undefined);
  return answer;
}

function guardedLookup(reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const [first] = addresses;
      const isAllowed = addresses.every(({ address }) => isReachable(address, reach));
      if (first === undefined || !isAllowed) callback(outOfReach(hostname), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function outOfReach(host: string): Error {
  return new Error(`${host} is at an address that the sandbox does not call`);
}
