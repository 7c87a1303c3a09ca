import { expect, test } from 'vitest';

import type { Fault } from '../../src/sandbox/faults.ts';
import { clip } from './doubles.ts';
import { bytesOf, clientOf, open } from './support.ts';

/** A sandbox with one scripted fault, and a draft in it. */
async function withFault(fault: Fault) {
  const sandbox = await open({ faults: [fault] });
  const client = clientOf(sandbox.url);
  const id = await client.draft(10);
  const start = () => client.post(`/v1/jobs/${id}/start`);
  return { ...sandbox, client, id, start };
}

test('a start dropped before it is executed charges nothing and can be sent again', async () => {
  const { start, charges, requests } = await withFault({
    endpoint: 'start',
    nth: 1,
    kind: 'drop_before',
  });
  await expect(start()).rejects.toThrow('fetch failed');
  expect(charges()).toEqual([]);
  expect((await start()).status).toBe(200);
  expect(requests().start).toBe(2);
});

test('a start dropped after it was executed is charged although nobody hears of it', async () => {
  const { start, charges, client, id } = await withFault({
    endpoint: 'start',
    nth: 1,
    kind: 'drop_after',
  });
  await expect(start()).rejects.toThrow('fetch failed');
  expect(charges()).toHaveLength(1);
  expect((await client.ended(id)).status).toBe('completed');
});

test('an upload can break off before and after it is stored', async () => {
  const { url } = await open({
    faults: [
      { endpoint: 'uploads', nth: 1, kind: 'drop_before' },
      { endpoint: 'uploads', nth: 2, kind: 'drop_after' },
    ],
  });
  const client = clientOf(url);
  await expect(client.upload(clip(1))).rejects.toThrow();
  await expect(client.upload(clip(1))).rejects.toThrow();
  expect((await client.upload(clip(1))).status).toBe(200);
});

test.each([
  [{ status: 429, retryAfter: 3 }, 'rate_limited', '3', 0],
  [{ status: 429, retryAfter: '2abc' }, 'rate_limited', '2abc', 0],
  [{ status: 429 }, 'rate_limited', null, 0],
  [{ status: 402 }, 'insufficient_credits', null, 0],
  [{ status: 500 }, 'internal_error', null, 0],
  [{ status: 500, when: 'after' }, 'internal_error', null, 1],
  [{ status: 403, code: 'suspended' }, 'suspended', null, 0],
] as const)('a start can be answered with %o', async (effect, code, retryAfter, charged) => {
  const { start, charges } = await withFault({
    endpoint: 'start',
    nth: 1,
    kind: 'status',
    ...effect,
  });
  const answer = await start();
  expect(answer.status).toBe(effect.status);
  expect(answer.body.error).toMatchObject({ code, request_id: expect.any(String) as string });
  expect(answer.headers.get('retry-after')).toBe(retryAfter);
  expect(charges()).toHaveLength(charged);
});

test('a proxy can answer in HTML, before or after the start took effect', async () => {
  for (const [when, charged] of [
    ['before', 0],
    ['after', 1],
  ] as const) {
    const { url, id, charges } = await withFault({
      endpoint: 'start',
      nth: 1,
      kind: 'html_502',
      when,
    });
    const response = await fetch(`${url}/v1/jobs/${id}/start`, {
      method: 'POST',
      headers: { 'x-api-key': 'test-key-1' },
    });
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toContain('<html>');
    expect(charges()).toHaveLength(charged);
  }
});

test('an answer can be half a JSON text', async () => {
  const { start, charges } = await withFault({
    endpoint: 'start',
    nth: 1,
    kind: 'truncated_json',
  });
  await expect(start()).rejects.toThrow(SyntaxError);
  expect(charges()).toHaveLength(1);
});

test.each([0, 1, 500_000, 999_999])('a download can be cut at byte %i', async (bytes) => {
  const { url } = await open({
    faults: [{ endpoint: 'input', nth: 1, kind: 'cut_body_at', bytes }],
  });
  const { body } = await clientOf(url).upload('x'.repeat(1_000_000));
  const response = await fetch(body.video_url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-length')).toBe('1000000');
  let received = 0;
  const read = async (): Promise<void> => {
    for await (const chunk of bytesOf(response)) received += chunk.length;
  };
  await expect(read()).rejects.toThrow('terminated');
  expect(received).toBe(bytes);
  expect((await (await fetch(body.video_url)).text()).length).toBe(1_000_000);
});

test('a JSON answer can be cut in its middle, too', async () => {
  const { start, charges } = await withFault({
    endpoint: 'start',
    nth: 1,
    kind: 'cut_body_at',
    bytes: 5,
  });
  await expect(start()).rejects.toThrow('terminated');
  expect(charges()).toHaveLength(1);
});

test('a late start is executed after its caller gave up', async () => {
  const slept: number[] = [];
  let wake: () => void = () => undefined;
  const sleep = (ms: number): Promise<void> => {
    slept.push(ms);
    return new Promise((resolve) => (wake = resolve));
  };
  const clock = { now: () => Date.now(), monotonic: () => performance.now(), sleep };
  const { url, charges } = await open({
    clock,
    faults: [{ endpoint: 'start', nth: 1, kind: 'delay', ms: 20_000 }],
  });
  const client = clientOf(url);
  const id = await client.draft(10);
  const giveUp = new AbortController();
  const call = fetch(`${url}/v1/jobs/${id}/start`, {
    method: 'POST',
    headers: { 'x-api-key': 'test-key-1' },
    signal: giveUp.signal,
  });
  await expect.poll(() => slept).toEqual([20_000]);
  giveUp.abort();
  await expect(call).rejects.toThrow();
  expect(charges()).toEqual([]);
  wake();
  await expect.poll(charges).toHaveLength(1);
});

test('a fault can strike every third call, and only its endpoint', async () => {
  const { url } = await open({
    faults: [{ endpoint: 'health', every: 3, kind: 'status', status: 503 }],
  });
  const statuses: number[] = [];
  for (let call = 0; call < 6; call += 1) {
    const response = await fetch(`${url}/health`);
    await response.body?.cancel();
    statuses.push(response.status);
  }
  expect(statuses).toEqual([200, 200, 503, 200, 200, 503]);
  expect((await fetch(`${url}/api/pricing`)).status).toBe(200);
});

test('a waiting answer does not keep the sandbox from closing', async () => {
  const { url, close, requests } = await open({
    faults: [{ endpoint: 'health', nth: 1, kind: 'delay', ms: 600_000 }],
  });
  const call = fetch(`${url}/health`);
  const failure = expect(call).rejects.toThrow();
  await expect.poll(() => requests().health).toBe(1);
  await close();
  await failure;
});
