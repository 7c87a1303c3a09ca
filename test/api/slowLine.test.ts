import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { createHttpApi } from '../../src/api/httpApi.ts';
import { systemClock } from '../../src/core/clock.ts';
import { json } from './serve.ts';

const SIZE_BYTES = 100_000_000;
const BYTES_PER_SECOND = 2_500_000;

test('100 MB arrive over a line of 2.5 MB a second', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-slow-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'clip.mp4');
  await writeFile(path, 'begin');
  await truncate(path, SIZE_BYTES);
  let taken = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const begun = performance.now();
      for await (const piece of request as AsyncIterable<Buffer>) {
        taken += piece.length;
        const early = (taken / BYTES_PER_SECOND) * 1000 - (performance.now() - begun);
        if (early > 20) await systemClock.sleep(early);
      }
      json(response, 200, { video_url: 'https://cdn/x', size: SIZE_BYTES });
    })();
  });
  // A server without limits of its own: what is tried is whether the client gives up.
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = createHttpApi({ baseUrl, apiKey: 'k', userAgent: 'rbgv-test' });
  const fractions: number[] = [];
  const onProgress = (fraction: number): void => void fractions.push(fraction);
  const source = { path, fileName: 'clip.mp4', sizeBytes: SIZE_BYTES, onProgress };
  const { sentSha256 } = await api.upload(source, new AbortController().signal);
  expect(taken).toBeGreaterThan(SIZE_BYTES);
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) hash.update(piece);
  expect(sentSha256).toBe(hash.digest('hex'));
  expect(fractions.at(-1)).toBe(1);
});
