import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

import type { Fault } from '../../src/sandbox/faults.ts';
import { parseFaults } from '../../src/sandbox/faults/parseFaults.ts';
import { endlessWork, KEY, quickWork } from './doubles.ts';
import { clientOf, handClock, hastyClock, open } from './support.ts';

async function stormy(faults: readonly Fault[], more: Parameters<typeof open>[0] = {}) {
  const sandbox = await open({ ...more, faults });
  return { ...sandbox, ...clientOf(sandbox.url) };
}

const DIGITS = '0123456789';

/** A file of ten digits, fetched once for each fault. */
async function download(fault: Fault, headers: Record<string, string> = {}) {
  const { upload } = await stormy([fault]);
  const { body } = await upload(DIGITS);
  return { response: await fetch(body.video_url, { headers }), url: body.video_url };
}

test('a start can be executed long after the connection was closed', async () => {
  const { clock, advance, sleeping } = handClock();
  const faults: Fault[] = [{ endpoint: 'start', nth: 1, kind: 'execute_late', ms: 20_000 }];
  const { draft, post, ended, charges } = await stormy(faults, { clock });
  const id = await draft(10);
  await expect(post(`/v1/jobs/${id}/start`, { model: 'pro' })).rejects.toThrow('fetch failed');
  expect(charges()).toEqual([]);
  await expect.poll(sleeping).toBe(1);
  advance(20_000);
  await expect.poll(charges).toMatchObject([{ job_id: id, model: 'pro' }]);
  expect((await ended(id)).status).toBe('completed');
});

test.each([
  ['before', 0],
  ['after', 1],
] as const)('a half-open socket answers nothing, %s the start', async (when, charged) => {
  const { draft, charges, requests, url } = await stormy([
    { endpoint: 'start', nth: 1, kind: 'half_open', when },
  ]);
  const id = await draft(10);
  const giveUp = new AbortController();
  const call = fetch(`${url}/v1/jobs/${id}/start`, {
    method: 'POST',
    headers: { 'x-api-key': KEY },
    signal: giveUp.signal,
  });
  await expect.poll(() => [requests().start, charges().length]).toEqual([1, charged]);
  giveUp.abort();
  await expect(call).rejects.toThrow();
});

test('a half-open socket does not keep the sandbox from closing', async () => {
  const { url, requests, close } = await stormy([{ endpoint: 'health', kind: 'half_open' }]);
  const call = expect(fetch(`${url}/health`)).rejects.toThrow();
  await expect.poll(() => requests().health).toBe(1);
  await close();
  await call;
});

test('bytes can come slowly, a few at a time', async () => {
  const slept: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    slept.push(ms);
    return Promise.resolve();
  };
  const fault: Fault = { endpoint: 'input', kind: 'slow_bytes', bytes: 3, ms: 700 };
  const { upload } = await stormy([fault], { clock: { ...hastyClock, sleep } });
  const { body } = await upload(DIGITS);
  const response = await fetch(body.video_url);
  expect(response.headers.get('content-length')).toBe('10');
  expect(await response.text()).toBe(DIGITS);
  expect(slept).toEqual([700, 700, 700, 700]);
});

test('a length can be too large, too small or missing', async () => {
  const large = await download({ endpoint: 'input', kind: 'wrong_length', by: 5 });
  expect(large.response.headers.get('content-length')).toBe('15');
  await expect(large.response.text()).rejects.toThrow('terminated');

  const { upload } = await stormy([{ endpoint: 'input', kind: 'wrong_length', by: -4 }]);
  const { host, hostname, port, pathname } = new URL((await upload(DIGITS)).body.video_url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const raw = await text(socket);
  expect(raw).toMatch(/content-length: 6\r\n/i);
  expect(raw.endsWith(`\r\n\r\n${DIGITS}`)).toBe(true);

  const missing = await download({ endpoint: 'input', kind: 'wrong_length', by: 'missing' });
  expect(missing.response.headers.get('content-length')).toBeNull();
  expect(await missing.response.text()).toBe(DIGITS);
});

test('a piece can claim another place in the file', async () => {
  const range = { range: 'bytes=4-6' };
  const { response } = await download({ endpoint: 'input', kind: 'wrong_range', by: 2 }, range);
  expect(response.headers.get('content-range')).toBe('bytes 6-8/10');
  expect(await response.text()).toBe('456');
});

test('a file can be replaced between two pieces of a download', async () => {
  const { upload } = await stormy([{ endpoint: 'input', nth: 2, kind: 'changed_object' }]);
  const { body } = await upload(DIGITS);
  const first = await fetch(body.video_url, { headers: { range: 'bytes=0-4' } });
  const etag = first.headers.get('etag') ?? '';
  expect(await first.text()).toBe('01234');
  const second = await fetch(body.video_url, {
    headers: { range: 'bytes=5-', 'if-range': etag },
  });
  expect(second.status).toBe(200);
  expect(second.headers.get('etag')).not.toBe(etag);
  const bytes = Buffer.from(await second.arrayBuffer());
  expect(bytes.map((byte) => byte ^ 0xff).toString()).toBe(DIGITS);
});

test('a replaced file can keep its ETag, and a piece without If-Range is of the new one', async () => {
  const fault: Fault = { endpoint: 'input', nth: 2, kind: 'changed_object', etag: 'same' };
  const { upload } = await stormy([fault]);
  const { body } = await upload(DIGITS);
  const etag = (await fetch(body.video_url, { method: 'HEAD' })).headers.get('etag');
  const piece = await fetch(body.video_url, { headers: { range: 'bytes=5-' } });
  expect([piece.status, piece.headers.get('etag')]).toEqual([206, etag]);
  expect(Buffer.from(await piece.arrayBuffer())[0]).toBe('5'.charCodeAt(0) ^ 0xff);
});

test('a URL can be too old, point elsewhere, or lead to a sign-in page', async () => {
  const old = await download({ endpoint: 'input', kind: 'expired_url' });
  expect([old.response.status, await old.response.text()]).toEqual([
    403,
    expect.stringContaining('Request has expired'),
  ]);
  const page = await download({ endpoint: 'input', kind: 'html_200' });
  expect([page.response.status, page.response.headers.get('content-type')]).toEqual([
    200,
    'text/html',
  ]);
  await page.response.body?.cancel();
  const { url } = await stormy([
    { endpoint: 'health', kind: 'redirect_to', url: 'https://elsewhere.example/x', status: 307 },
  ]);
  const moved = await fetch(`${url}/health`, { redirect: 'manual' });
  expect([moved.status, moved.headers.get('location')]).toEqual([
    307,
    'https://elsewhere.example/x',
  ]);
});

test('members of an answer can be replaced', async () => {
  const set = { id: '../../etc', status: 'queued2', output_url: 'file:///etc/passwd' };
  const { draft, get } = await stormy([{ endpoint: 'get', nth: 1, kind: 'rewrite_json', set }]);
  const id = await draft(1);
  expect((await get(`/v1/jobs/${id}`)).body).toMatchObject(set);
  expect((await get(`/v1/jobs/${id}`)).body).toMatchObject({ id, status: 'created' });
});

test('a job can be stuck, and the others are not', async () => {
  const { started, ended, get } = await stormy([{ endpoint: 'work', nth: 1, kind: 'stuck_job' }]);
  const stuck = await started(1);
  expect((await ended((await started(1)).id)).status).toBe('completed');
  expect((await get(`/v1/jobs/${stuck.id}`)).body.status).toBe('processing');
});

test.each([
  [true, 'refunded', 0],
  [false, 'charged', 10],
])('a job can be made to fail, refunded %s', async (refundOnFailure, billing, credits) => {
  const { started, ended, charges } = await stormy(
    [{ endpoint: 'work', job: 1, kind: 'failed_job', code: 'oom', reason: 'out of memory' }],
    { behaviour: { refundOnFailure } },
  );
  const job = await ended((await started(10)).id);
  expect(job).toMatchObject({
    status: 'failed',
    error: 'oom: out of memory',
    billing_status: billing,
  });
  expect(charges().reduce((sum, charge) => sum + charge.credits, 0)).toBe(credits);
});

test('an output can be empty, noise, or opaque', async () => {
  const backgrounds: unknown[] = [];
  const { started, ended } = await stormy(
    [
      { endpoint: 'work', job: 1, kind: 'empty_output' },
      { endpoint: 'work', job: 2, kind: 'corrupt_output' },
      { endpoint: 'work', job: 3, kind: 'opaque_output' },
    ],
    {
      work: (request, context) => {
        backgrounds.push(request.background);
        return quickWork(request, context);
      },
    },
  );
  const output = async (): Promise<Buffer> => {
    const { output_url: url } = await ended((await started(1)).id);
    return Buffer.from(await (await fetch(url)).arrayBuffer());
  };
  expect(await output()).toHaveLength(0);
  const noise = await output();
  expect(noise).toHaveLength(4096);
  expect(noise.toString('latin1')).not.toContain('matted');
  await output();
  expect(backgrounds[2]).toEqual({ type: 'color', rgb: [0, 0, 0] });
});

test('a fault can follow one job, by its id or its number', async () => {
  const { draft, get, requests } = await stormy([
    { endpoint: 'get', job: 2, nth: 2, kind: 'status', status: 500 },
  ]);
  const [first, second] = [await draft(1), await draft(1)];
  const statuses: number[] = [];
  for (const id of [first, second, first, second, second]) {
    statuses.push((await get(`/v1/jobs/${id}`)).status);
  }
  expect(statuses).toEqual([200, 200, 200, 500, 200]);
  expect(requests().get).toBe(5);
});

/** Which of so many calls of /health are struck. */
async function struck(fault: object, seed: number, calls = 60): Promise<string> {
  const plan = parseFaults({
    seed,
    faults: [{ endpoint: 'health', kind: 'status', status: 503, ...fault }],
  });
  const { url } = await stormy(plan.faults, { seed: plan.seed });
  let marks = '';
  for (let call = 0; call < calls; call += 1) {
    const response = await fetch(`${url}/health`);
    await response.body?.cancel();
    marks += response.status === 503 ? 'x' : '.';
  }
  return marks;
}

test('a seed replays a run exactly, another one does not, and the share is right', async () => {
  const first = await struck({ probability: 0.3 }, 7);
  expect(await struck({ probability: 0.3 }, 7)).toBe(first);
  expect(await struck({ probability: 0.3 }, 8)).not.toBe(first);
  const share = first.replaceAll('.', '').length / first.length;
  expect(share).toBeGreaterThan(0.15);
  expect(share).toBeLessThan(0.45);
});

test.each([
  [{ from: 3, until: 4 }, '..xx..'],
  [{ every: 2, times: 2 }, '.x.x..'],
  [{}, 'xxxxxx'],
  [{ probability: 1, until: 2 }, 'xx....'],
  [{ probability: 0 }, '......'],
])('conditions are met together: %j', async (fault, marks) => {
  expect(await struck(fault, 1, 6)).toBe(marks);
});

test('the control doors are spared, and uncounted', async () => {
  const { get, requests } = await stormy([{ endpoint: 'other', kind: 'drop_before' }], {
    work: endlessWork,
  });
  const { body } = await get('/sandbox/requests');
  expect(body).toEqual(requests());
  expect(requests().other).toBe(0);
  await expect(get('/elsewhere')).rejects.toThrow();
  expect(requests().other).toBe(1);
});

test.each([
  [{ faults: [{ endpoint: 'start', kind: 'explode' }] }, /faults\.0\.kind/],
  [{ faults: [{ endpoint: 'work', kind: 'drop_before' }] }, /faults\.0\.endpoint/],
  [{ faults: [{ endpoint: 'uploads', kind: 'execute_late', ms: 5 }] }, /faults\.0\.endpoint/],
  [{ faults: [{ endpoint: 'start', kind: 'delay' }] }, /faults\.0\.ms/],
  [[{ endpoint: 'start', kind: 'drop_before', nht: 1 }], /nht/],
  [{ seed: 'x', faults: [] }, /seed/],
  ['faults', /object/],
])('the fault file %j is refused, and says where', (json, message) => {
  expect(() => parseFaults(json)).toThrow(
    expect.objectContaining({
      category: 'usage',
      code: 'sandbox_faults_invalid',
      message: expect.stringMatching(message) as string,
    }),
  );
});
