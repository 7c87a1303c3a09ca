import { expect, test } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { clientOf, open, tempFolder } from './support.ts';

/** A served file of ten digits. */
async function served() {
  const dataDir = await tempFolder();
  const { url } = await open({ dataDir });
  const { body } = await clientOf(url).upload('0123456789');
  const path = join(dataDir, new URL(body.video_url).pathname);
  const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
    fetch(body.video_url, { method, headers });
  return { get, path };
}

test.each([
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=8-99', '89', 'bytes 8-9/10'],
  ['bytes=-99', '0123456789', 'bytes 0-9/10'],
])('the range %s is answered with just that piece', async (range, text, contentRange) => {
  const { get } = await served();
  const response = await get({ range });
  expect(response.status).toBe(206);
  expect(response.headers.get('content-range')).toBe(contentRange);
  expect(response.headers.get('content-length')).toBe(String(text.length));
  expect(await response.text()).toBe(text);
});

test.each(['bytes=10-', 'bytes=-0'])('the range %s lies beyond the end', async (range) => {
  const { get } = await served();
  const response = await get({ range });
  expect(response.status).toBe(416);
  expect(response.headers.get('content-range')).toBe('bytes */10');
  await response.body?.cancel();
});

test.each([undefined, 'bytes=0-1,4-5', 'bytes=5-2', 'lines=1-2', 'bytes=-'])(
  'the whole file answers the range %s',
  async (range) => {
    const { get } = await served();
    const response = await get(range === undefined ? {} : { range });
    expect(response.status).toBe(200);
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('content-length')).toBe('10');
    expect(await response.text()).toBe('0123456789');
  },
);

test('a piece is served only of the file that the caller began with', async () => {
  const { get, path } = await served();
  const etag = (await get({}, 'HEAD')).headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[^"]+"$/);
  const same = await get({ range: 'bytes=5-', 'if-range': etag });
  expect([same.status, await same.text()]).toEqual([206, '56789']);

  await writeFile(path, 'abcdefghij');
  const changed = await get({ range: 'bytes=5-', 'if-range': etag });
  expect([changed.status, await changed.text()]).toEqual([200, 'abcdefghij']);
  expect(changed.headers.get('etag')).not.toBe(etag);
});
