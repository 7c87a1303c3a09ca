import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { PART_SUFFIX } from '../disk/dataFolder.ts';
import type { Reach } from './addresses.ts';
import { guardedRequest } from './guardedRequest.ts';

const MOST_REDIRECTS = 3;

interface FetchRules {
  readonly reach: Reach;
  readonly limitBytes: number;
  /**
   * Where the file goes, by what the answer says of it; `undefined` refuses it.
   *
   * @param contentType without parameters, lower case; empty when not stated
   * @param pathname of the URL that answered
   */
  readonly pathFor: (contentType: string, pathname: string) => string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Brings a file from another server to the disk. Each redirect is checked like the first address.
 * The file is whole or absent.
 *
 * @returns its path
 * @throws Error that says why it cannot be had
 */
export async function fetchExternal(first: URL, rules: FetchRules): Promise<string> {
  const { answer, url } = await followed(first, rules);
  try {
    if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode ?? 0}`);
    const [contentType = ''] = (answer.headers['content-type'] ?? '').toLowerCase().split(';');
    const path = rules.pathFor(contentType.trim(), url.pathname);
    if (path === undefined) throw new Error('the file is of the wrong type');
    const part = `${path}${PART_SUFFIX}`;
    try {
      await pipeline(answer, atMost(rules.limitBytes), createWriteStream(part, { flags: 'wx' }));
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
    return path;
  } finally {
    answer.destroy();
  }
}

async function followed(
  first: URL,
  { reach, signal }: FetchRules,
): Promise<{ readonly answer: IncomingMessage; readonly url: URL }> {
  let url = first;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await guardedRequest(url, { method: 'GET', reach, signal });
    const { statusCode = 0, headers } = answer;
    if (statusCode < 300 || statusCode > 399 || headers.location === undefined) {
      return { answer, url };
    }
    answer.destroy();
    url = new URL(headers.location, url);
  }
  throw new Error(`more than ${MOST_REDIRECTS} redirects`);
}

function atMost(limitBytes: number): Transform {
  let received = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      if (received > limitBytes) done(new Error('the file is too large'));
      else done(null, chunk);
    },
  });
}
