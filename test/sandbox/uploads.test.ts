import { readdir, stat } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';

import { clip, KEY } from './doubles.ts';
import { bytesOf, clientOf, open, tempFolder, type Body } from './support.ts';

/** Sends one part with exactly these headers, as the official SDKs differ in them. */
async function sendPart(url: string, partHeaders: string, content = clip(1)): Promise<Response> {
  return fetch(`${url}/v1/uploads`, {
    method: 'POST',
    headers: { 'x-api-key': KEY, 'content-type': 'multipart/form-data; boundary=b' },
    body: `--b\r\n${partHeaders}\r\n\r\n${content}\r\n--b--\r\n`,
  });
}

const NAMED = 'Content-Disposition: form-data; name="file"; filename=';

test.each([
  ['an extension alone, as the Python SDK sends it', `${NAMED}"a.MP4"`, '.mp4'],
  ['octet-stream and an extension, as the Node SDK may', octet('a.mov'), '.mov'],
  ['a video type and no extension', `${NAMED}"a"\r\nContent-Type: video/webm`, '.webm'],
  ['a video type and another extension', `${NAMED}"a.bin"\r\nContent-Type: video/mp4`, '.mp4'],
])('an upload with %s is taken', async (_, headers, extension) => {
  const { url } = await open();
  const response = await sendPart(url, headers);
  const { video_url, video_id } = (await response.json()) as Body;
  expect(video_url).toBe(`${url}/uploads/${video_id}${extension}`);
  expect(await (await fetch(video_url)).text()).toBe(clip(1));
});

function octet(name: string): string {
  return `${NAMED}"${name}"\r\nContent-Type: application/octet-stream`;
}

test.each([
  ['an extension of another kind', `${NAMED}"a.mkv"`, 'Invalid file type'],
  ['a type of another kind', `${NAMED}"a.mp4"\r\nContent-Type: audio/mpeg`, 'Invalid file type'],
  ['another field', 'Content-Disposition: form-data; name="video"; filename="a.mp4"', 'missing'],
])('an upload with %s is refused with 400', async (_, headers, message) => {
  const dataDir = await tempFolder();
  const { url } = await open({ dataDir });
  const response = await sendPart(url, headers);
  expect(response.status).toBe(400);
  expect(((await response.json()) as Body).error.message).toContain(message);
  expect(await readdir(join(dataDir, 'uploads'))).toEqual([]);
});

test('images are taken only where the service is assumed to take them', async () => {
  const { url } = await open({ behaviour: { acceptImageUploads: false } });
  expect((await clientOf(url).upload('a picture', 'beach.png')).status).toBe(400);
});

test('a file of just the limit is taken, one byte more is refused', async () => {
  const { url } = await open({ behaviour: { uploadLimitBytes: 1000 } });
  const client = clientOf(url);
  expect((await client.upload('x'.repeat(1000))).body).toMatchObject({ size: 1000 });
  const refused = await client.upload('x'.repeat(1001));
  expect(refused.status).toBe(400);
  expect(refused.body.error.message).toBe('File too large');
});

test('an empty file and a body that is no form are refused', async () => {
  const { url } = await open();
  expect((await clientOf(url).upload('')).status).toBe(400);
  expect((await clientOf(url).post('/v1/uploads')).status).toBe(400);
  const cut = await fetch(`${url}/v1/uploads`, {
    method: 'POST',
    headers: { 'x-api-key': KEY, 'content-type': 'multipart/form-data; boundary=b' },
    body: `--b\r\n${NAMED}"a.mp4"\r\n\r\nno end`,
  });
  expect(cut.status).toBe(400);
});

test('an upload that breaks off leaves nothing behind and the server alive', async () => {
  const dataDir = await tempFolder();
  const { url } = await open({ dataDir });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(
    `POST /v1/uploads HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${KEY}\r\nContent-Length: 100000\r\n` +
      `Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n${NAMED}"a.mp4"\r\n\r\n` +
      'x'.repeat(50_000),
  );
  const uploads = (): Promise<string[]> => readdir(join(dataDir, 'uploads'));
  await expect.poll(uploads).toHaveLength(1);
  socket.destroy();
  await expect.poll(uploads).toEqual([]);
  expect((await clientOf(url).upload(clip(1))).status).toBe(200);
});

test('a large upload is on the disk while it still arrives, and whole at the end', async () => {
  const dataDir = await tempFolder();
  const { url } = await open({ dataDir });
  const block = randomBytes(1_000_000);
  const head = `--b\r\n${NAMED}"large.mp4"\r\n\r\n`;
  const tail = '\r\n--b--\r\n';
  const upload = request(`${url}/v1/uploads`, {
    method: 'POST',
    headers: {
      'x-api-key': KEY,
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': head.length + 30 * block.length + tail.length,
    },
  });
  const answered = once(upload, 'response');
  const truth = createHash('sha256');
  upload.write(head);
  for (let megabyte = 0; megabyte < 30; megabyte += 1) {
    truth.update(block);
    if (!upload.write(block)) await once(upload, 'drain');
  }
  const uploads = join(dataDir, 'uploads');
  const stored = async (): Promise<number> => {
    const [name = ''] = await readdir(uploads);
    return (await stat(join(uploads, name))).size;
  };
  await expect.poll(stored).toBeGreaterThan(29_000_000);

  upload.end(tail);
  const [response] = (await answered) as [IncomingMessage];
  const answer = (await json(response)) as Body;
  expect(answer['size']).toBe(30_000_000);
  const digest = createHash('sha256');
  for await (const chunk of bytesOf(await fetch(answer.video_url))) digest.update(chunk);
  expect(digest.digest('hex')).toBe(truth.digest('hex'));
});

test('clients that go away right behind their bodies do not keep the sandbox from closing', async () => {
  const { url, close, requests } = await open();
  const { port, host } = new URL(url);
  const body = `--b\r\n${NAMED}"a.mp4"\r\n\r\n${clip(1)}\r\n--b--\r\n`;
  const head = [
    `POST /v1/uploads HTTP/1.1\r\nHost: ${host}\r\nX-Api-Key: ${KEY}`,
    `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.length}`,
  ].join('\r\n');
  const gone = Array.from({ length: 100 }, async () => {
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`${head}\r\n\r\n${body}`, () => socket.destroy());
    await once(socket, 'close');
  });
  await Promise.all(gone);
  await expect.poll(() => requests().uploads, { timeout: 5_000 }).toBe(100);
  await close();
}, 10_000);
