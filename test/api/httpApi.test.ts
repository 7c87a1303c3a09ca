import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { Api } from '../../src/api/api.ts';
import { ApiError } from '../../src/api/apiError.ts';
import { createHttpApi } from '../../src/api/httpApi.ts';
import type { JobSettings } from '../../src/core/settings.ts';
import { json, serve, type Seen } from './serve.ts';

const KEY = 'secret-key-1';
const never = new AbortController().signal;

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error('no ApiError was thrown', { cause: error });
}

const settings: JobSettings = {
  model: 'pro',
  format: 'mp4',
  background: { type: 'color', rgb: [9, 162, 71] },
  prompt: 'dog, red ball',
};

describe('requests', () => {
  test('the key goes to /v1 and to nothing else', async () => {
    const { url, seen } = await serve((request, response) => {
      if (request.url.startsWith('/out')) response.end('bytes');
      else if (request.url === '/api/pricing') {
        const rates = { original: 60, light: 45, pro: 180, human: 45 };
        json(response, 200, { model_pricing_credits_per_minute: rates });
      } else json(response, 200, { id: 'job_1', download_url: `${url}/out`, status: 'created' });
    });
    const api = createHttpApi({ baseUrl: `${url}/`, apiKey: KEY, userAgent: 'rbgv-test' });
    await api.getJob('job_1', never);
    await api.pricing(never);
    await api.health(never);
    await api.downloadUrl('job_1', never);
    const output = await api.openOutput({ url: `${url}/out`, resume: undefined }, never);
    output.body.destroy();
    expect(seen.map((request) => [request.url, request.headers['x-api-key']])).toEqual([
      ['/v1/jobs/job_1', KEY],
      ['/api/pricing', undefined],
      ['/health', undefined],
      ['/api/download/job_1', undefined],
      ['/out', undefined],
    ]);
  });

  test('a draft says everything explicitly, above all that it must not start', async () => {
    const { url, seen } = await serve((_request, response) =>
      json(response, 200, { success: true, job_id: 'job_9', status: 'created' }),
    );
    const api = createHttpApi({ baseUrl: url, apiKey: KEY, userAgent: 'rbgv-test' });
    const view = await api.createDraft('https://cdn/x.mp4', settings, { rbgv_k: 'k' }, never);
    expect(view.id).toBe('job_9');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      video_url: 'https://cdn/x.mp4',
      model: 'pro',
      output_format: 'mp4',
      bg_type: 'custom',
      bg_color: [0.035, 0.635, 0.278],
      text_prompt: 'dog, red ball',
      auto_start: false,
      metadata: { rbgv_k: 'k' },
    });
  });

  test('an upload carries the file whole, its type, and a harmless name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rbgv-api-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'clip.mov');
    await writeFile(path, 'moving bytes');
    const { url, seen } = await serve((_request, response) =>
      json(response, 200, { video_url: 'https://cdn/x.mov', size: 12 }),
    );
    const fractions: number[] = [];
    const upload = await createHttpApi({
      baseUrl: url,
      apiKey: KEY,
      userAgent: 'rbgv-test',
    }).upload(
      {
        path,
        fileName: 'e"vil\r\nX: y é.mov',
        sizeBytes: 12,
        onProgress: (fraction) => fractions.push(fraction),
      },
      never,
    );
    const sentSha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    expect(upload).toEqual({ videoUrl: 'https://cdn/x.mov', sentSha256, sizeBytes: 12 });
    expect(fractions.at(-1)).toBe(1);
    const { body, headers } = seen[0] as Seen;
    expect(Number(headers['content-length'])).toBe(body.length);
    expect(body).toContain(
      'filename="e_vil__X__y_e_.mov"\r\nContent-Type: video/quicktime\r\n\r\nmoving bytes\r\n--',
    );
  });
});

describe('answers', () => {
  const get = async (
    answer: (request: Seen, response: ServerResponse) => void,
  ): Promise<ApiError> => {
    const { url } = await serve(answer);
    return failure(
      createHttpApi({ baseUrl: url, apiKey: KEY, userAgent: 'rbgv-test' }).getJob('job_1', never),
    );
  };
  const envelope = { error: { code: 'some_code', message: 'words', request_id: 'req_7' } };

  test.each([
    [400, 'definite', false],
    [401, 'definite', false],
    [404, 'definite', false],
    [409, 'definite', false],
    [429, 'definite', true],
    [408, 'ambiguous', true],
    [500, 'ambiguous', true],
    [503, 'ambiguous', true],
  ] as const)('%i with the envelope is %s', async (status, outcome, transient) => {
    const error = await get((_request, response) => json(response, status, envelope));
    expect(error).toMatchObject({ outcome, status, code: 'some_code', requestId: 'req_7' });
    expect(error.isTransient).toBe(transient);
  });

  test('out of credits is known by its code, whatever the status', async () => {
    for (const status of [400, 402, 403, 429]) {
      const error = await get((_request, response) =>
        json(response, status, { error: { code: 'insufficient_credits' } }),
      );
      expect([error.isOutOfCredits, error.isTransient, error.category]).toEqual([
        true,
        false,
        'credits',
      ]);
    }
  });

  test.each([
    ['a proxy page', 502, '<html>bad gateway</html>'],
    ['a proxy page that claims a client error', 400, '<html>blocked</html>'],
    ['half a JSON', 200, '{"id": "job_1", "sta'],
    ['an empty body', 200, ''],
    ['a job without an id that fits a URL', 200, '{"id": "../admin/keys"}'],
    ['an id with a line break', 200, '{"id": "job_1\\r\\nx"}'],
    ['an answer of 3 MB', 200, `{"id":"job_1","x":"${'y'.repeat(3e6)}"}`],
  ])('%s tells nothing about what happened', async (_title, status, body) => {
    const error = await get((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' });
      response.end(body);
    });
    expect(error.outcome).toBe('ambiguous');
  });

  test('a closed connection tells nothing, a refused one was never sent', async () => {
    const cut = await get((_request, response) => response.destroy());
    expect(cut.outcome).toBe('ambiguous');
    const { url, server } = await serve(() => undefined);
    server.close();
    await once(server, 'close');
    const refused = await failure(
      createHttpApi({ baseUrl: url, apiKey: KEY, userAgent: 'rbgv-test' }).health(never),
    );
    expect(refused.outcome).toBe('not_sent');
  });

  test('Retry-After is read', async () => {
    const error = await get((_request, response) =>
      json(response, 429, envelope, { 'retry-after': '7' }),
    );
    expect(error.retryAfterMs).toBe(7000);
  });

  test('a redirect is not followed: the other host learns nothing', async () => {
    const other = await serve((_request, response) => response.end());
    for (const status of [301, 302, 307, 308]) {
      const error = await get((_request, response) => {
        response.writeHead(status, { location: `${other.url}/v1/jobs/job_1` }).end();
      });
      expect(error.code).toBe('unexpected_redirect');
    }
    expect(other.seen).toEqual([]);
  });

  const packed = async (coding: string, body: Buffer): Promise<Api> => {
    const { url, seen } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding });
      response.end(body);
    });
    onTestFinished(() => expect(seen[0]?.headers['accept-encoding']).toContain('gzip'));
    return createHttpApi({ baseUrl: url, apiKey: KEY, userAgent: 'rbgv-test' });
  };

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('an answer that was packed with %s is understood', async (coding, pack) => {
    const body = pack('{"id": "job_1", "status": "completed"}');
    const view = await (await packed(coding, body)).getJob('job_1', never);
    expect(view.status).toBe('completed');
    const cut = await failure((await packed(coding, body.subarray(0, -9))).getJob('job_1', never));
    expect(cut.outcome).toBe('ambiguous');
  });

  test('a small answer that unpacks to 30 MB is not unpacked to its end', async () => {
    const bomb = gzipSync(Buffer.alloc(30e6));
    expect(bomb.length).toBeLessThan(2e5);
    const error = await failure((await packed('gzip', bomb)).getJob('job_1', never));
    expect(error).toMatchObject({ code: 'answer_too_large', outcome: 'ambiguous' });
  });

  test('a status that is no word, and members nobody knows, are no errors', async () => {
    const { url } = await serve((_request, response) =>
      json(response, 200, { id: 'job_1', status: null, billing_status: 3, more: { x: 1 } }),
    );
    const view = await createHttpApi({ baseUrl: url, apiKey: KEY, userAgent: 'rbgv-test' }).getJob(
      'job_1',
      never,
    );
    expect(view).toMatchObject({ status: undefined, billingStatus: '3' });
  });
});

describe('output addresses', () => {
  const remote = (): Api =>
    createHttpApi({ baseUrl: 'https://api.example.com', apiKey: KEY, userAgent: 'rbgv-test' });

  test.each([
    'http://203.0.113.5/o.webm',
    'file:///etc/passwd',
    'data:video/webm,x',
    'javascript:alert(1)',
    'https://cdn.example.com@127.0.0.1/x',
    'https://user:pass@203.0.113.5/x',
    'https://127.1/x',
    'https://0x7f000001/x',
    'https://2130706433/x',
    'https://[::1]/x',
    'https://[::ffff:169.254.169.254]/x',
    'https://localhost/x',
    'https://169.254.169.254/latest',
    'https://10.0.0.1/x',
    'no url at all',
  ])('%s is refused before anything is sent', async (url) => {
    const error = await failure(remote().openOutput({ url, resume: undefined }, never));
    expect(error.code).toBe('output_url_refused');
  });

  test('each redirect is checked anew, and there are at most three', async () => {
    const { url, seen } = await serve((request, response) => {
      const location = request.url === '/loop' ? '/loop' : 'https://10.0.0.1/x';
      response.writeHead(302, { location }).end();
    });
    const api = createHttpApi({ baseUrl: url, apiKey: KEY, userAgent: 'rbgv-test' });
    const inside = await failure(api.openOutput({ url: `${url}/out`, resume: undefined }, never));
    expect(inside.message).toContain('private network');
    const loop = await failure(api.openOutput({ url: `${url}/loop`, resume: undefined }, never));
    expect(loop.message).toContain('more than three times');
    expect(seen).toHaveLength(5);
  });

  test.each([
    ['does not begin where it should', 'bytes 0-4/9', '"a"'],
    ['belongs to something of another length', 'bytes 3-7/8', '"a"'],
    ['comes under another tag', 'bytes 3-8/9', '"b"'],
  ])('a piece that %s is refused', async (_title, range, etag) => {
    const { url } = await serve((_request, response) => {
      response.writeHead(206, { 'content-range': range, etag }).end('bytes');
    });
    const api = createHttpApi({ baseUrl: url, apiKey: KEY, userAgent: 'rbgv-test' });
    const resume = { offset: 3, etag: '"a"', totalBytes: 9 };
    const error = await failure(api.openOutput({ url: `${url}/out`, resume }, never));
    expect(error.code).toBe('output_changed');
  });
});
