import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import type { Behaviour } from '../../src/sandbox/behaviour.ts';
import { isReachable } from '../../src/sandbox/net/addresses.ts';
import { clip } from './doubles.ts';
import { clientOf, open, otherServer, tempFolder } from './support.ts';

/** A create for a clip on another server, under the given knobs. */
async function fetching(path: string, behaviour: Partial<Behaviour> = {}) {
  const server = await otherServer((response, { url }) => {
    const [, redirects] = /^\/redirect\/(\d)/.exec(url) ?? [];
    if (redirects !== undefined) {
      const next = Number(redirects) - 1;
      const location = next === 0 ? '/clip.mp4' : `/redirect/${String(next)}`;
      response.writeHead(302, { location }).end();
    } else if (url.startsWith('/metadata')) {
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    } else if (url.startsWith('/gone')) response.writeHead(410).end();
    else if (url.startsWith('/page')) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    } else response.writeHead(200, { 'content-type': 'video/mp4' }).end(clip(5));
  });
  const dataDir = await tempFolder();
  const { url } = await open({
    dataDir,
    behaviour: { allowFetch: true, allowLoopbackFetch: true, ...behaviour },
  });
  const client = clientOf(url);
  const answer = await client.post('/v1/jobs', { video_url: new URL(path, server.url).href });
  return { answer, client, server, uploads: () => readdir(join(dataDir, 'uploads')) };
}

test('a clip on another server is fetched when the sandbox may', async () => {
  const { answer, client, uploads } = await fetching('/clip.mp4');
  expect(answer.status).toBe(200);
  expect((await client.ended(answer.body.id)).status).toBe('completed');
  expect(await uploads()).toEqual([expect.stringMatching(/^[0-9a-f-]{36}\.mp4$/)]);
});

test('three redirects are followed, a fourth is not', async () => {
  expect((await fetching('/redirect/3')).answer.status).toBe(200);
  const { answer } = await fetching('/redirect/4');
  expect(answer.body.error.message).toContain('redirects');
});

test.each([
  ['/clip.mp4', { allowFetch: false }, /fetches nothing/],
  ['/clip.mp4', { allowLoopbackFetch: false }, /does not call/],
  ['/clip.mp4', { fetchLimitBytes: 5 }, /too large/],
  ['/metadata', {}, /does not call/],
  ['/gone', {}, /410/],
  ['/page', {}, /wrong type/],
  ['http://10.0.0.1/clip.mp4', {}, /does not call/],
  ['http://[::ffff:10.0.0.1]/clip.mp4', {}, /does not call/],
  ['http://0x0a000001/clip.mp4', {}, /does not call/],
  ['http://localhost:1/clip.mp4', { allowLoopbackFetch: false }, /does not call/],
  ['ftp://example.com/clip.mp4', {}, /ftp: is not fetched/],
  ['file:///etc/passwd', {}, /file: is not fetched/],
])('%s is refused with %j, and leaves nothing behind', async (path, behaviour, message) => {
  const { answer, uploads } = await fetching(path, behaviour);
  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toMatch(message);
  expect(await uploads()).toEqual([]);
});

test.each([
  ['93.184.216.34', true],
  ['2606:2800:220:1::1', true],
  ['10.1.2.3', false],
  ['172.31.0.1', false],
  ['192.168.0.1', false],
  ['100.64.0.1', false],
  ['169.254.169.254', false],
  ['0.0.0.0', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['::', false],
  ['::ffff:192.168.0.1', false],
  ['::ffff:127.0.0.1', false],
  ['64:ff9b::a00:1', false],
  ['2002:a00:1::', false],
  ['127.0.0.1', false],
  ['::1', false],
  ['not an address', false],
])('of the public internet is %s: %s', (address, isPublic) => {
  expect(isReachable(address, { publicInternet: true, loopback: false })).toBe(isPublic);
});

test('loopback is reached when allowed, whatever its spelling', () => {
  const reach = { publicInternet: false, loopback: true };
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    expect([address, isReachable(address, reach)]).toEqual([address, true]);
  }
  expect(isReachable('93.184.216.34', reach)).toBe(false);
});
