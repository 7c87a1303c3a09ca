import { expect, test } from 'vitest';

import { endlessWork, OTHER_KEY } from './doubles.ts';
import { clientOf, handClock, open, tempFolder } from './support.ts';

test('a key that asks too fast is refused until its bucket has filled, others are not', async () => {
  const { clock, advance } = handClock();
  const { url } = await open({ clock, behaviour: { ratePerSecond: 0.5, rateBurst: 2 } });
  const client = clientOf(url);
  const status = async (): Promise<number> => (await client.get('/v1/jobs')).status;
  expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
  expect((await clientOf(url, OTHER_KEY).get('/v1/jobs')).status).toBe(200);
  advance(1_999);
  expect(await status()).toBe(429);
  advance(1);
  expect([await status(), await status()]).toEqual([200, 429]);
  advance(3_600_000);
  expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
});

test.each([
  ['seconds', '3'],
  ['http_date', 'Fri, 01 May 2026 12:00:03 GMT'],
  ['none', null],
] as const)('a refusal can say when to come back: %s', async (retryAfter, value) => {
  const { clock } = handClock();
  const behaviour = { ratePerSecond: 0.4, rateBurst: 1, retryAfter, rateLimitHeaders: true };
  const client = clientOf((await open({ clock, behaviour })).url);
  const allowed = await client.get('/v1/jobs');
  expect(allowed.headers.get('x-ratelimit-remaining')).toBe('0');
  const refused = await client.get('/v1/jobs');
  expect(refused.status).toBe(429);
  expect(refused.body.error.code).toBe('rate_limited');
  expect(refused.headers.get('retry-after')).toBe(value);
  expect(refused.headers.get('x-ratelimit-limit')).toBe('1');
});

test('a key can have only so many jobs in flight, until one of them ends', async () => {
  const finish: (() => void)[] = [];
  const { url } = await open({
    behaviour: { maxJobsInFlight: 1 },
    work: (_, { signal }) =>
      new Promise((resolve, reject) => {
        finish.push(() => resolve({ ok: true, durationSeconds: 1 }));
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  });
  const client = clientOf(url);
  const first = await client.started(1);
  const second = await client.started(1);
  expect([second.status, second.body.error.code]).toEqual([429, 'too_many_jobs']);
  await expect.poll(() => finish).toHaveLength(1);
  finish[0]?.();
  await client.ended(first.id);
  expect((await client.post(`/v1/jobs/${second.id}/start`)).status).toBe(200);
});

test('places are counted for each key, and taken up again after a restart', async () => {
  const dataDir = await tempFolder();
  const options = { dataDir, behaviour: { maxJobsInFlight: 2 }, work: endlessWork };
  const first = await open(options);
  expect((await clientOf(first.url).started(1)).status).toBe(200);
  await first.close();
  const { url } = await open(options);
  const client = clientOf(url);
  expect((await client.started(1)).status).toBe(200);
  expect((await client.started(1)).status).toBe(429);
  expect((await clientOf(url, OTHER_KEY).started(1)).status).toBe(200);
});
