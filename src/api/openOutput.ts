import { BlockList, isIP } from 'node:net';

import { ApiError } from './apiError.ts';
import type { OutputRequest, OutputStream } from './api.ts';
import { exchange } from './exchange.ts';

const RESPONSE_TIMEOUT_MS = 60_000;
const MOST_REDIRECTS = 3;

/**
 * Opens an output URL, which is data from a server and therefore suspect: `https` only, no user
 * name in it, no address inside a private network, each redirect checked anew, no key, no cookie.
 *
 * @param policy `allowLoopback` when the service itself is on this machine (the sandbox)
 */
export async function openOutput(
  request: OutputRequest,
  policy: AddressPolicy & { readonly userAgent: string; readonly idleTimeoutMs?: number },
  signal: AbortSignal,
): Promise<OutputStream> {
  const { resume } = request;
  let url = request.url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    checkOutputUrl(url, policy);
    const range =
      resume === undefined ? {} : { range: `bytes=${resume.offset}-`, 'if-range': resume.etag };
    const headers = { 'user-agent': policy.userAgent, ...range };
    const answer = await exchange(
      {
        method: 'GET',
        url,
        headers,
        responseTimeoutMs: RESPONSE_TIMEOUT_MS,
        ...(policy.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: policy.idleTimeoutMs }),
        // Names are judged by what they resolve to at the moment of connecting.
        mayConnectTo: (address) => isAllowed(address, policy),
      },
      signal,
    );
    const { status, body } = answer;
    if (status === 200) {
      return {
        offset: 0,
        totalBytes: wholeNumber(answer.headers['content-length']),
        etag: strongEtag(answer.headers.etag),
        body,
      };
    }
    if (status === 206 && resume !== undefined) {
      const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.headers['content-range'] ?? '');
      if (range !== null && Number(range[1]) === resume.offset) {
        const etag = strongEtag(answer.headers.etag);
        return { offset: resume.offset, totalBytes: Number(range[3]), etag, body };
      }
    }
    body.destroy();
    const { location } = answer.headers;
    if (status >= 300 && status < 400 && location !== undefined) {
      url = new URL(location, url).href;
      continue;
    }
    // Without the status: a refused URL says nothing about the API key.
    throw new ApiError(`output_http_${status}`, `the output cannot be read: HTTP ${status}`, {
      outcome: status === 429 || status >= 500 ? 'ambiguous' : 'definite',
    });
  }
  throw refusal('it redirects more than three times');
}

const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['::ffff:0:0', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(net, prefix, 'ipv6');
}

interface AddressPolicy {
  readonly allowLoopback: boolean;
}

function checkOutputUrl(text: string, policy: AddressPolicy): void {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refusal('it is no URL');
  }
  if (url.username !== '' || url.password !== '') throw refusal('it carries a user name');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const plainIsFine = policy.allowLoopback && isLoopbackHost(host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && plainIsFine)) {
    throw refusal('it is not https');
  }
  if (isIP(host) !== 0 && !isAllowed(host, policy)) {
    throw refusal('it points into a private network');
  }
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

function isAllowed(address: string, { allowLoopback }: AddressPolicy): boolean {
  if (isLoopbackAddress(address)) return allowLoopback;
  return !PRIVATE.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

function refusal(reason: string): ApiError {
  return new ApiError('output_url_refused', `the output's address is refused: ${reason}`, {
    outcome: 'definite',
  });
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function strongEtag(tag: string | undefined): string | undefined {
  return tag !== undefined && /^"[^"]+"$/.test(tag) ? tag : undefined;
}
