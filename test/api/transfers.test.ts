import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

import type { Api, UploadSource } from '../../src/api/api.ts';
import { createHttpApi } from '../../src/api/httpApi.ts';
import { withBandwidth } from '../../src/api/withBandwidth.ts';
import { systemClock } from '../../src/core/clock.ts';
import { json } from './serve.ts';

const never = new AbortController().signal;
const IDLE_MS = 250;

async function server(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const listening = createServer(answer).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  // It never closes a connection of its own accord.
  listening.keepAliveTimeout = 0;
  onTestFinished(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

/** Takes uploads to their end and serves an output of the same number of bytes. */
const willing = (bytes: number): Promise<string> =>
  server((request, response) => {
    if (request.method === 'GET') response.end(Buffer.alloc(bytes, 'o'));
    else request.resume().once('end', () => json(response, 200, { video_url: 'https://cdn/x' }));
  });

async function clip(sizeBytes: number): Promise<UploadSource> {
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-transfers-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'clip.mp4');
  await writeFile(path, '');
  await truncate(path, sizeBytes);
  return { path, fileName: 'clip.mp4', sizeBytes, onProgress: () => undefined };
}

const client = (baseUrl: string, idleTimeoutMs = IDLE_MS): Api =>
  createHttpApi({ baseUrl, apiKey: 'k', userAgent: 'rbgv-test', idleTimeoutMs });

test('an upload may take many times longer than any time limit, as long as bytes move', async () => {
  const api = withBandwidth(client(await willing(0)), 500_000, systemClock);
  const begun = performance.now();
  await api.upload(await clip(500_000), never);
  expect(performance.now() - begun).toBeGreaterThan(2 * IDLE_MS);
});

test('an upload arrives as it is on disk, however slowly it is taken', async () => {
  const source = await clip(5_000_000);
  const bytes = randomBytes(source.sizeBytes);
  await writeFile(source.path, bytes);
  const pieces: Buffer[] = [];
  const url = await server((request, response) => {
    void (async () => {
      for await (const piece of request as AsyncIterable<Buffer>) {
        pieces.push(piece);
        if (pieces.length % 20 === 0) await systemClock.sleep(20);
      }
      json(response, 200, { video_url: 'https://cdn/x' });
    })();
  });
  const { sentSha256 } = await client(url).upload(source, never);
  const body = Buffer.concat(pieces);
  const begin = body.indexOf('\r\n\r\n') + 4;
  expect(body.subarray(begin, begin + bytes.length).equals(bytes)).toBe(true);
  expect(sentSha256).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('an upload whose file is gone blames the file, not the network', async () => {
  const source = await clip(1000);
  await rm(source.path);
  await expect(client(await willing(0)).upload(source, never)).rejects.toMatchObject({
    code: 'source_changed',
    message: 'the file cannot be read any more (ENOENT); nothing was charged',
  });
});

test('an upload that is refused before its end leaves no connection open', async () => {
  const closed: Promise<unknown>[] = [];
  const url = await server((request, response) => {
    closed.push(new Promise((resolve) => request.socket.once('close', resolve)));
    json(response, 413, { error: { code: 'file_too_large', message: 'too large' } });
  });
  await expect(client(url, 60_000).upload(await clip(40_000_000), never)).rejects.toMatchObject({
    code: 'file_too_large',
    outcome: 'definite',
  });
  await Promise.all(closed);
});

test('an upload that nobody takes is cut', async () => {
  const url = await server((request) => void request.pause());
  await expect(client(url).upload(await clip(40_000_000), never)).rejects.toMatchObject({
    code: 'network_timeout',
    outcome: 'ambiguous',
  });
});

test('a server may think about a whole upload for longer than a transfer may be idle', async () => {
  const url = await server((request, response) => {
    request.resume().once('end', () => {
      void systemClock
        .sleep(2 * IDLE_MS)
        .then(() => json(response, 200, { video_url: 'https://cdn/x' }));
    });
  });
  await expect(client(url).upload(await clip(1000), never)).resolves.toMatchObject({});
});

test('a download that stops arriving is cut', async () => {
  const url = await server((_request, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('not all');
  });
  const output = await client(url).openOutput({ url: `${url}/out`, resume: undefined }, never);
  await expect(buffer(output.body)).rejects.toThrow(/timeout|timed out/i);
});

test('a bandwidth is shared by all uploads and downloads, and nothing of them is lost', async () => {
  const bytes = 150_000;
  const bytesPerSecond = 600_000;
  const url = await willing(bytes);
  const api = withBandwidth(client(url, 60_000), bytesPerSecond, systemClock);
  const [one, two] = [await clip(bytes), await clip(bytes)];
  const begun = performance.now();
  const download = async (): Promise<Buffer> => {
    const output = await api.openOutput({ url: `${url}/out`, resume: undefined }, never);
    return buffer(output.body);
  };
  const [, , output] = await Promise.all([
    api.upload(one, never),
    api.upload(two, never),
    download(),
  ]);
  expect(output.equals(Buffer.alloc(bytes, 'o'))).toBe(true);
  // A tenth of a second's worth may be on its way already.
  const least = (3 * bytes) / bytesPerSecond - 0.1;
  expect(performance.now() - begun).toBeGreaterThan(least * 1000);
});

test('a download that is given up while it is held back leaves no connection open', async () => {
  const closed: Promise<unknown>[] = [];
  const url = await server((_request, response) => {
    closed.push(once(response, 'close'));
    response.writeHead(200, { 'content-length': 1e9 }).write(Buffer.alloc(5_000_000));
  });
  const api = withBandwidth(client(url), 50_000, systemClock);
  const output = await api.openOutput({ url: `${url}/out`, resume: undefined }, never);
  output.body.resume();
  await once(output.body, 'data');
  output.body.destroy();
  await Promise.all(closed);
});
