import { setMaxListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';

import type { Api } from '../../src/api/api.ts';
import type { OutageMemory } from '../../src/api/breaker.ts';
import { createHttpApi } from '../../src/api/httpApi.ts';
import { withRetries } from '../../src/api/withRetries.ts';
import { withTraffic } from '../../src/api/withTraffic.ts';
import type { BatchEvent } from '../../src/core/events.ts';
import type { JobSettings } from '../../src/core/settings.ts';
import { scaledClock } from '../prove/scaledClock.ts';
import { json, serve } from './serve.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);
const settings: JobSettings = {
  model: 'light',
  format: 'webm',
  background: { type: 'transparent' },
  prompt: undefined,
};
const SCALE = 100;

/** One process: its lanes, its rate, its breaker, and the retry loop around them. */
function client(
  url: string,
  given: { readonly memory?: OutageMemory; readonly events?: BatchEvent[]; scale?: number } = {},
): { readonly api: Api; readonly apiOnce: Api } {
  const clock = scaledClock(given.scale ?? SCALE);
  const report = (event: BatchEvent): void => void given.events?.push(event);
  const deps = { clock, random: () => 0.5, report };
  const memory = given.memory === undefined ? {} : { memory: given.memory };
  const http = createHttpApi({ baseUrl: url, apiKey: 'key-1', userAgent: 'rbgv-test' });
  const apiOnce = withTraffic(http, { ...deps, ...memory });
  return { apiOnce, api: withRetries(apiOnce, deps) };
}

const draft = (api: Api): Promise<unknown> =>
  api.createDraft('https://cdn/x.mp4', settings, {}, never);

/** Ends when enough time has passed on the clients' clock. */
const pass = (seconds: number): Promise<void> => scaledClock(SCALE).sleep(seconds * 1000);

describe('an outage of a minute', () => {
  test('costs few requests, all but the first of them GET /health, and then everything goes on', async () => {
    let down = false;
    const { url, seen } = await serve((_request, response) => {
      if (down) response.writeHead(503).end('<html>maintenance</html>');
      else json(response, 200, { id: 'job_1', status: 'created' });
    });
    const events: BatchEvent[] = [];
    const { api } = client(url, { events });
    await Promise.all(Array.from({ length: 8 }, () => api.getJob('job_1', never)));
    const before = seen.length;
    down = true;
    const work = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? api.getJob('job_1', never) : draft(api),
    );
    const turn = pass(10).then(() => api.turnToStart(never));
    await pass(60);
    const during = seen.slice(before);
    down = false;
    expect(during.length).toBeLessThanOrEqual(10);
    expect(during.slice(8).every(({ url: path }) => path === '/health')).toBe(true);
    expect(during.some(({ url: path }) => path === '/health')).toBe(true);
    expect(events).toContainEqual(expect.objectContaining({ type: 'hold' }));
    await Promise.all(work);
    (await turn)();
  });

  test('is known to the next process, which asks nothing before its time', async () => {
    const { url, seen } = await serve((_request, response) => {
      response.writeHead(503).end('down');
    });
    let word: number | undefined;
    const memory: OutageMemory = { read: () => word, write: (openUntil) => (word = openUntil) };
    const first = client(url, { memory });
    for (let call = 0; call < 5; call += 1) {
      await expect(first.apiOnce.getJob('job_1', never)).rejects.toThrow();
    }
    const asked = seen.length;
    const controller = new AbortController();
    // On this process's clock hardly any time passes.
    const second = client(url, { memory, scale: 0.001 });
    const wait = second.apiOnce.getJob('job_1', controller.signal);
    await pass(20);
    controller.abort(new Error('interrupted'));
    await expect(wait).rejects.toThrow('interrupted');
    expect(seen.length).toBe(asked);
  });

  test('that does not end ends the waiting after ten minutes, and no start is let through', async () => {
    const { url, seen } = await serve((_request, response) => {
      response.socket?.destroy();
    });
    const { api, apiOnce } = client(url, { scale: 2000 });
    for (let call = 0; call < 5; call += 1) {
      await expect(apiOnce.getJob('job_1', never)).rejects.toThrow();
    }
    await expect(api.turnToStart(never)).rejects.toThrow('out of reach');
    await expect(draft(api)).rejects.toThrow('out of reach');
    expect(seen.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

test('a refusal for the rate is no outage and fails nothing: the call comes through in the end', async () => {
  let refusals = 0;
  const { url } = await serve((_request, response) => {
    refusals += 1;
    if (refusals > 12) json(response, 200, { id: 'job_1', status: 'created' });
    else json(response, 429, { error: { code: 'rate_limited', message: 'slow down' } });
  });
  const events: BatchEvent[] = [];
  const { api } = client(url, { events, scale: 1000 });
  await draft(api);
  expect(events.filter(({ type }) => type === 'hold')).toEqual([]);
});

test.each([
  ['a documented refusal for the rate', 429, { error: { code: 'rate_limited' } }, 2],
  ['a refusal by something else on the way', 429, 'busy', 1],
  ['a failure', 500, { error: { code: 'internal_error' } }, 1],
])('a draft that must not be made blindly meets %s (%i)', async (_, status, refusal, sends) => {
  const { url, seen } = await serve((_request, response) => {
    if (seen.length === 1) json(response, status, refusal);
    else json(response, 200, { id: 'job_1', status: 'created' });
  });
  const { api } = client(url, { scale: 1000 });
  const made = api.createDraft('https://cdn/x.mp4', settings, {}, never, 'never_blindly');
  if (sends === 1) await expect(made).rejects.toMatchObject({ status });
  else expect((await made).id).toBe('job_1');
  expect(seen.filter(({ method }) => method === 'POST')).toHaveLength(sends);
});

test('who holds one lane and asks in another is never waited for in a circle', async () => {
  const { url } = await serve((request, response) => {
    if (request.url === '/out') response.end('bytes');
    else json(response, 200, { id: 'job_1', status: 'created', output_url: `${url}/out` });
  });
  const { api } = client(url);
  // More of them than any lane is wide, each with all it can hold, in different orders.
  const clip = async (index: number): Promise<string> => {
    if (index % 2 === 0) {
      const endTurn = await api.turnToStart(never);
      await api.getJob('job_1', never);
      await draft(api);
      endTurn();
    }
    const output = await api.openOutput({ url: `${url}/out`, resume: undefined }, never);
    await api.getJob('job_1', never);
    return await text(output.body);
  };
  const outputs = await Promise.all(Array.from({ length: 40 }, (_, index) => clip(index)));
  expect(new Set(outputs)).toEqual(new Set(['bytes']));
});

test('no more than four downloads are open, and one that is given up makes room', async () => {
  const { url, seen } = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('never the end');
  });
  const { api } = client(url);
  const open = (): Promise<{ readonly body: { destroy(): unknown } }> =>
    api.openOutput({ url: `${url}/out`, resume: undefined }, never);
  const first = await Promise.all([open(), open(), open(), open()]);
  const fifth = open();
  await pass(10);
  expect(seen).toHaveLength(4);
  first[0].body.destroy();
  (await fifth).body.destroy();
  for (const { body } of first) body.destroy();
});

test('a start goes out on a connection of its own, and so survives one that died in the pool', async () => {
  const used = new WeakSet();
  const { url, seen } = await serve((request, response) => {
    const { socket } = response;
    if (socket === null) return;
    // A server that closes idle connections just as they are used again.
    if (used.has(socket)) socket.destroy();
    else json(response, 200, { id: 'job_1', status: 'processing', url: request.url });
    used.add(socket);
  });
  const { api } = client(url);
  for (let call = 0; call < 4; call += 1) await api.getJob('job_1', never);
  await api.startJob('job_1', {}, never);
  expect(seen.filter(({ url: path }) => path.endsWith('/start'))).toHaveLength(1);
});
