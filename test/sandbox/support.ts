import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

import { takeLock } from '../../src/ledger/processLock.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/startSandbox.ts';
import { clip, KEY, OTHER_KEY, probeClip, quickWork } from './doubles.ts';

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
        headers: { 'x-api-key': key, 'content-type': 'application/json' },
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

  return {
    upload,
    get: (path: string) => send('GET', path),
    post: (path: string, body: unknown = {}) => send('POST', path, body),
    /** A draft of a clip this long; its id. */
    async draft(seconds: number, fields: object = {}): Promise<string> {
      const { body } = await upload(clip(seconds));
      const created = await send('POST', '/v1/jobs', {
        video_url: body.video_url,
        auto_start: false,
        ...fields,
      });
      if (created.status !== 200) throw new Error(JSON.stringify(created.body));
      const { id, job_id } = created.body as Partial<Body>;
      return id ?? job_id ?? '';
    },
    /** The job once it has ended. */
    async ended(id: string): Promise<Body> {
      for (;;) {
        const { body } = await send('GET', `/v1/jobs/${id}`);
        if (body.status === 'completed' || body.status === 'failed') return body;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}
