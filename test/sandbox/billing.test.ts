import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import type { Behaviour } from '../../src/sandbox/behaviour.ts';
import { endlessWork, failingWork, OTHER_KEY } from './doubles.ts';
import { clientOf, open, tempFolder } from './support.ts';

test.each([
  ['original', 12.4, 12.4],
  ['light', 12.4, 9.3],
  ['pro', 12.4, 37.2],
  ['human', 12.4, 9.3],
  ['original', 0.1, 0.1],
  ['light', 0.033333, 0.025],
])('%s costs its rate: %s seconds are %s credits', async (model, seconds, credits) => {
  const { url, charges } = await open();
  const client = clientOf(url);
  const id = await client.draft(seconds, { model });
  expect(charges()).toEqual([]);
  await client.post(`/v1/jobs/${id}/start`);
  expect(charges()).toMatchObject([
    { job_id: id, model, billed_seconds: seconds, credits, reason: 'start' },
  ]);
});

test.each([
  ['exact', 61.5, 61.5],
  ['second_up', 61.5, 62],
  ['second_up', 61, 61],
  ['minute_up', 61.5, 120],
] as const)('with rounding %s, %s seconds are billed as %s', async (rounding, seconds, billed) => {
  const { url, charges } = await open({ behaviour: { rounding } });
  const client = clientOf(url);
  await client.post(`/v1/jobs/${await client.draft(seconds)}/start`);
  expect(charges()).toMatchObject([{ billed_seconds: billed, credits: billed }]);
});

test.each([
  ['preview', 3, 3],
  ['preview', 30, 10],
  ['full', 3, 10],
] as const)(
  'a %s-billed preview of %s seconds bills %s',
  async (previewBilling, preview, billed) => {
    const { url, charges } = await open({ behaviour: { previewBilling } });
    const client = clientOf(url);
    await client.post(`/v1/jobs/${await client.draft(10)}/start`, { preview_duration: preview });
    expect(charges()).toMatchObject([{ billed_seconds: billed }]);
  },
);

/** Runs one ten-second job to its end. */
async function billedJob(behaviour: Partial<Behaviour>, work?: typeof failingWork) {
  const { url, charges } = await open({ behaviour, ...(work && { work }) });
  const client = clientOf(url);
  const id = await client.draft(10);
  await client.post(`/v1/jobs/${id}/start`);
  const atStart = charges().length;
  const { billing_status: billing } = await client.ended(id);
  return { atStart, billing, charges: charges().map((line) => [line.reason, line.credits]) };
}

test('a failure gives back what the start took', async () => {
  expect(await billedJob({}, failingWork)).toEqual({
    atStart: 1,
    billing: 'refunded',
    charges: [
      ['start', 10],
      ['refund', -10],
    ],
  });
});

test('a failure can stay paid', async () => {
  expect(await billedJob({ refundOnFailure: false }, failingWork)).toMatchObject({
    billing: 'charged',
    charges: [['start', 10]],
  });
});

test('a charge can wait for the completion, and then a failure costs nothing', async () => {
  expect(await billedJob({ chargeAt: 'completion' })).toEqual({
    atStart: 0,
    billing: 'charged',
    charges: [['completion', 10]],
  });
  expect(await billedJob({ chargeAt: 'completion' }, failingWork)).toMatchObject({
    billing: null,
    charges: [],
  });
});

test.each([
  ['refused', 409, 1],
  ['ignored', 200, 1],
  ['charged_again', 200, 2],
] as const)('a second start can be %s', async (secondStart, status, charged) => {
  const { url, charges } = await open({ behaviour: { secondStart } });
  const client = clientOf(url);
  const id = await client.draft(10);
  await client.post(`/v1/jobs/${id}/start`);
  await client.ended(id);
  expect((await client.post(`/v1/jobs/${id}/start`)).status).toBe(status);
  expect(charges()).toHaveLength(charged);
  expect((await client.ended(id)).status).toBe('completed');
});

test('two starts that arrive together are charged once', async () => {
  const { url, charges } = await open();
  const client = clientOf(url);
  const id = await client.draft(10);
  const start = async (): Promise<number> => (await client.post(`/v1/jobs/${id}/start`)).status;
  const statuses = await Promise.all([start(), start(), start()]);
  expect(statuses.toSorted()).toEqual([200, 409, 409]);
  expect(charges()).toHaveLength(1);
});

test('the ledger on disk has a line for each charge, and never the key', async () => {
  const dataDir = await tempFolder();
  const { url, charges } = await open({ dataDir, work: failingWork });
  const client = clientOf(url);
  const id = await client.draft(10);
  await client.post(`/v1/jobs/${id}/start`);
  await client.ended(id);
  const text = await readFile(join(dataDir, 'charges.jsonl'), 'utf8');
  const lines: unknown[] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toEqual(charges());
  expect(lines[0]).toMatchObject({ key: expect.stringMatching(/^[0-9a-f]{12}$/) as string });
  expect(text + (await readFile(join(dataDir, 'journal.jsonl'), 'utf8'))).not.toContain('test-key');
});

test('usage agrees with the ledger and counts only what the key used', async () => {
  let now = Date.parse('2026-05-01T12:00:00Z');
  const clock = { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() };
  const { url } = await open({ clock });
  const client = clientOf(url);
  const run = async (seconds: number): Promise<string> => {
    const id = await client.draft(seconds);
    await client.post(`/v1/jobs/${id}/start`);
    await client.ended(id);
    return id;
  };
  const first = await run(10);
  now += 86_400_000;
  await run(20.5);
  await client.draft(40);
  const stranger = clientOf(url, OTHER_KEY);
  await stranger.post(`/v1/jobs/${await stranger.draft(99)}/start`);

  expect((await client.get('/v1/usage/summary?days=2')).body).toEqual({
    days: 2,
    total_jobs: 2,
    completed_jobs: 2,
    failed_jobs: 0,
    credits_used: 30.5,
    daily: [
      { date: '2026-05-02', jobs: 1, credits_used: 20.5 },
      { date: '2026-05-01', jobs: 1, credits_used: 10 },
    ],
  });
  const today = await client.get('/v1/usage/summary?days=1');
  expect(today.body).toMatchObject({ total_jobs: 1, credits_used: 20.5 });
  const events = await client.get('/v1/usage/events');
  expect(events.body['items']).toMatchObject([
    { credits_used: 20.5 },
    { job_id: first, credits_used: 10, created_at: '2026-05-01T12:00:00.000Z' },
  ]);
});

test('a job that is still being worked shows as charged', async () => {
  const { url } = await open({ work: endlessWork });
  const client = clientOf(url);
  const id = await client.draft(10);
  await client.post(`/v1/jobs/${id}/start`);
  const { body } = await client.get(`/v1/jobs/${id}`);
  expect(body).toMatchObject({ status: 'processing', billing_status: 'charged' });
});
