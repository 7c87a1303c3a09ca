import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

import { takeLock } from '../../src/ledger/processLock.ts';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/startSandbox.ts';
import { ADMIN, clip, KEY, OTHER_KEY, probeClip, quickWork } from './doubles.ts';

/** The members of any answer that the tests look at; which of them are there is what is tested. */
export interface Body {
  readonly id: string;
  readonly job_id: string;
  readonly video_url: string;
  readonly video_id: string;
  readonly status: string;
  readonly progress: number;
  readonly output_url: string;
  readonly error: { readonly code: string; readonly message: string; readonly request_id: string };
  readonly [member: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

async function answerOf(response: Response): Promise<Answer> {
  const body = (await response.json()) as Body;
  return { status: response.status, headers: response.headers, body };
}

/** An empty folder that goes away with the test. */
export async function tempFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rbgv-sandbox-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A running sandbox that is closed after the test, in a folder of its own unless told. */
export async function open(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({
    dataDir: options.dataDir ?? (await tempFolder()),
    keys: [KEY, OTHER_KEY],
    adminToken: ADMIN,
    work: quickWork,
    probeDurationSeconds: probeClip,
    takeLock,
    ...options,
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= sandbox.close());
  onTestFinished(close);
  return { ...sandbox, close };
}

/** A body in the pieces in which it arrives. */
export function bytesOf(response: Response): AsyncIterable<Uint8Array> {
  return (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
}

/** The calls of a client, with the fewest words. */
export function clientOf(url: string, key: string = KEY) {
  async function send(method: string, path: string, body?: unknown): Promise<Answer> {
    return answerOf(
      await fetch(`${url}${path}`, {
        method,
        headers: { 'x-api-key': key, 'x-admin-token': ADMIN, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }

  async function upload(content: string | Blob, name = 'clip.mp4'): Promise<Answer> {
    const form = new FormData();
    form.set('file', typeof content === 'string' ? new Blob([content]) : content, name);
    const headers = { 'x-api-key': key };
    return answerOf(await fetch(`${url}/v1/uploads`, { method: 'POST', headers, body: form }));
  }

  async function draft(seconds: number, fields: object = {}): Promise<string> {
    const { body } = await upload(clip(seconds));
    const created = await send('POST', '/v1/jobs', {
      video_url: body.video_url,
      auto_start: false,
      ...fields,
    });
    if (created.status !== 200) throw new Error(JSON.stringify(created.body));
    const { id, job_id } = created.body as Partial<Body>;
    return id ?? job_id ?? '';
  }

  return {
    upload,
    get: (path: string) => send('GET', path),
    post: (path: string, body: unknown = {}) => send('POST', path, body),
    /** A draft of a clip this long; its id. */
    draft,
    /** A started job of a clip this long; its id, and how the start was answered. */
    started: async (seconds: number, fields: object = {}) => {
      const id = await draft(seconds, fields);
      return { id, ...(await send('POST', `/v1/jobs/${id}/start`)) };
    },
    /** The job once it has ended. */
    ended: async (id: string): Promise<Body> => {
      for (;;) {
        const { body } = await send('GET', `/v1/jobs/${id}`);
        if (body.status === 'completed' || body.status === 'failed') return body;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}

/** What a server that stands for somebody else was sent. */
export interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server of somebody else's on loopback, until the end of the test. */
export async function otherServer(
  answer: (response: ServerResponse, received: Received) => void = (response) => response.end(),
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const one = { url: request.url ?? '', headers: request.headers, body };
      received.push(one);
      answer(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, received };
}

/** A clock that stands still until it is moved; sleepers wake when their time has come. */
export function handClock(start = Date.parse('2026-05-01T12:00:00Z')) {
  let now = start;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) reject(signal.reason);
        sleepers.push({ at: now + ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  };
  return {
    clock,
    sleeping: () => sleepers.length,
    advance: (ms: number): void => {
      now += ms;
      const due = sleepers.filter(({ at }) => at <= now);
      sleepers = sleepers.filter(({ at }) => at > now);
      for (const { wake } of due) wake();
    },
  };
}

/** The real clock, except that nobody waits for long. */
export const hastyClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal),
};
