import { expect, test } from 'vitest';

import type { Behaviour } from '../../src/sandbox/behaviour.ts';
import { endlessWork, failingWork } from './doubles.ts';
import { clientOf, handClock, open, type Body } from './support.ts';

async function clientFor(behaviour: Partial<Behaviour>, more: Parameters<typeof open>[0] = {}) {
  const { url, charges } = await open({ ...more, behaviour });
  return { ...clientOf(url), url, charges };
}

test('a job can wear any status word, a number or null', async () => {
  for (const processingWord of ['queued2', 7, null]) {
    const client = await clientFor({ processingWord }, { work: endlessWork });
    const { id } = await client.started(1);
    expect((await client.get(`/v1/jobs/${id}`)).body.status).toBe(processingWord);
  }
});

test('a job that waits for a slot can wear another word than one that is worked', async () => {
  const client = await clientFor({ queuedWord: 'pending' }, { work: endlessWork, workers: 1 });
  const first = await client.started(1);
  const second = await client.started(1);
  expect(second.body.status).toBe('pending');
  expect((await client.get(`/v1/jobs/${first.id}`)).body.status).toBe('processing');
  const { body } = await client.get('/v1/jobs?status=pending');
  expect((body['items'] as Body[]).map(({ id }) => id)).toEqual([second.id]);
});

test('ended jobs can wear other words, and lists are filtered by them', async () => {
  const client = await clientFor({ completedWord: 'done' });
  const { id } = await client.started(1);
  await expect.poll(async () => (await client.get(`/v1/jobs/${id}`)).body.status).toBe('done');
  expect((await client.get('/v1/jobs?status=done')).body).toMatchObject({ total: 1 });
  expect((await client.get('/v1/jobs?status=finished')).status).toBe(400);
});

test('the list can begin with the oldest, leave out metadata and totals', async () => {
  const client = await clientFor({
    listOrder: 'oldest_first',
    listMetadata: false,
    listTotal: false,
  });
  const ids = [await client.draft(1, { metadata: { a: 'b' } }), await client.draft(1)];
  const { body } = await client.get('/v1/jobs');
  expect(Object.keys(body)).toEqual(['items']);
  const items = body['items'] as Body[];
  expect(items.map(({ id }) => id)).toEqual(ids);
  expect(items[0]).not.toHaveProperty('metadata');
  expect((await client.get(`/v1/jobs/${ids[0] ?? ''}`)).body['metadata']).toEqual({ a: 'b' });
});

test('a list may leave out where outputs are', async () => {
  const client = await clientFor({ listOutputUrl: false });
  const { id } = await client.started(1);
  await client.ended(id);
  const { body } = await client.get('/v1/jobs');
  expect(body['items']).toMatchObject([{ status: 'completed', output_url: null }]);
  expect((await client.get(`/v1/jobs/${id}`)).body.output_url).toContain('http');
});

test('a list can lag behind the jobs', async () => {
  const { clock, advance } = handClock();
  const client = await clientFor({ listLagMs: 30_000 }, { clock });
  const listed = async () => {
    const { body } = await client.get('/v1/jobs');
    return (body['items'] as Body[]).map(({ status }) => status);
  };
  const id = await client.draft(1);
  expect(await listed()).toEqual([]);
  advance(30_000);
  expect(await listed()).toEqual(['created']);
  await client.post(`/v1/jobs/${id}/start`);
  await client.ended(id);
  expect(await listed()).toEqual(['created']);
  advance(30_000);
  expect(await listed()).toEqual(['completed']);
});

test('a completed job can lack its URL for a while', async () => {
  const { clock, advance } = handClock();
  const client = await clientFor({ nullOutputMs: 5_000 }, { clock });
  const { id } = await client.started(1);
  expect(await client.ended(id)).toMatchObject({ status: 'completed', output_url: null });
  advance(5_000);
  const { output_url: url } = (await client.get(`/v1/jobs/${id}`)).body;
  expect((await fetch(url)).status).toBe(200);
});

test('an output URL can expire, and a fresh one is had from the job', async () => {
  const { clock, advance } = handClock();
  const client = await clientFor({ outputUrlLifetimeSeconds: 60, expiredStatus: 410 }, { clock });
  const { id } = await client.started(1);
  const { output_url: url } = await client.ended(id);
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(url.replace('Expires=1', 'Expires=2'))).status).toBe(410);
  expect((await fetch(url.replace(/\?.*/, ''))).status).toBe(410);
  advance(60_000);
  const late = await fetch(url);
  expect([late.status, await late.json()]).toMatchObject([410, { error: { code: 'url_expired' } }]);
  expect((await fetch((await client.get(`/v1/jobs/${id}`)).body.output_url)).status).toBe(200);
});

test('outputs can come from another host', async () => {
  const client = await clientFor({ outputHost: 'localhost' });
  const { id } = await client.started(1);
  const { output_url: url } = await client.ended(id);
  expect(new URL(url).hostname).toBe('localhost');
  expect(new URL(url).port).toBe(new URL(client.url).port);
});

test.each([
  [{ etag: 'weak' }, /^W\/"[^"]+"$/, 200],
  [{ etag: 'none' }, null, 200],
  [{ ranges: false }, /^"[^"]+"$/, 200],
  [{}, /^"[^"]+"$/, 206],
] as const)('with %o a piece is asked for with If-Range', async (behaviour, etag, status) => {
  const client = await clientFor(behaviour);
  const { body } = await client.upload('0123456789');
  const head = await fetch(body.video_url, { method: 'HEAD' });
  const sent = head.headers.get('etag');
  if (etag === null) expect(sent).toBeNull();
  else expect(sent).toMatch(etag);
  const piece = await fetch(body.video_url, {
    headers: { range: 'bytes=5-', 'if-range': sent ?? '"unknown"' },
  });
  expect(piece.status).toBe(status);
  expect(await piece.text()).toBe(status === 206 ? '56789' : '0123456789');
});

test.each([
  ['envelope', { error: { code: 'not_found', message: 'Job not found' } }],
  ['top_level', { code: 'not_found', message: 'Job not found' }],
] as const)('an error can have the shape %s', async (errorShape, shape) => {
  const client = await clientFor({ errorShape, requestIdHeader: true });
  const { body, headers } = await client.get('/v1/jobs/job_unknown');
  expect(body).toMatchObject(shape);
  expect(headers.get('x-request-id')).toMatch(/^req_/);
  expect((await client.get('/v1/jobs')).headers.get('x-request-id')).toMatch(/^req_/);
});

test('a validation can tell all that is wrong', async () => {
  const client = await clientFor({ validationDetails: true, notFoundCode: 'Job not found' });
  const { body } = await client.post('/v1/jobs', { model: 'best', auto_start: 'no' });
  expect(body.error).toMatchObject({
    details: [{ field: 'model' }, { field: 'video_url' }, { field: 'auto_start' }],
  });
  expect((await client.get('/v1/jobs/x')).body.error.code).toBe('Job not found');
});

test('a job can tell its credits, other billing words and its error as an object', async () => {
  const client = await clientFor(
    { creditsOnJob: true, jobErrorShape: 'object', refundedWord: 'returned' },
    { work: failingWork },
  );
  const { id } = await client.started(1);
  expect(await client.ended(id)).toMatchObject({
    credits_used: 0,
    billing_status: 'returned',
    error: { code: 'sandbox_no_confident_matte', message: 'nothing moves' },
  });
});

test('a download link can have another name', async () => {
  const client = await clientFor({ downloadField: 'both' });
  const { id } = await client.started(1);
  const { output_url } = await client.ended(id);
  const { body } = await client.get(`/api/download/${id}`);
  expect(body).toMatchObject({ download_url: output_url, output_url });
});

test.each([
  ['nested', { totals: { total_jobs: 1, credits_used: 2 }, daily: [{ jobs: 1 }] }],
  ['daily', [{ jobs: 1, credits_used: 2 }]],
] as const)('usage can have the shape %s', async (usageShape, shape) => {
  const client = await clientFor({ usageShape, usageOutOfRange: 'clamped' });
  await client.ended((await client.started(2)).id);
  expect((await client.get('/v1/usage/summary?days=1')).body).toMatchObject(shape);
  expect((await client.get('/v1/usage/summary?days=900')).status).toBe(200);
  expect((await client.get('/v1/usage/events?limit=0')).status).toBe(200);
});

test('a usage day can begin at another hour', async () => {
  const { clock } = handClock(Date.parse('2026-05-01T23:00:00Z'));
  const client = await clientFor({ usageDayOffsetHours: 2 }, { clock });
  await client.started(2);
  const { body } = await client.get('/v1/usage/summary?days=1');
  expect(body['daily']).toEqual([{ date: '2026-05-02', jobs: 1, credits_used: 2 }]);
});

test('pricing and health can look different, and browsers may be let in', async () => {
  const packages = [{ name: 'Starter', credits: 500 }];
  const client = await clientFor({
    pricingShape: 'objects',
    healthShape: 'text',
    cors: true,
    packages,
  });
  const pricing = await client.get('/api/pricing');
  expect(pricing.headers.get('access-control-allow-origin')).toBe('*');
  expect(pricing.body).toMatchObject({
    model_pricing_credits_per_minute: { pro: { credits_per_minute: 180 } },
    packages,
  });
  expect(await (await fetch(`${client.url}/health`)).text()).toBe('ok');
});

test('a create can be answered with 201, and start a job that was meant to be a draft', async () => {
  const client = await clientFor({ createStatus: 201, draftFlag: 'ignored' });
  const { body } = await client.upload('seconds=4');
  const created = await client.post('/v1/jobs', { video_url: body.video_url, auto_start: false });
  expect([created.status, created.body.status]).toEqual([201, 'processing']);
  expect(client.charges()).toMatchObject([{ credits: 4 }]);
});

test('a failed job can be started anew, and is charged anew', async () => {
  const client = await clientFor({ failedStart: 'retried' }, { work: failingWork });
  const { id } = await client.started(4);
  await client.ended(id);
  expect((await client.post(`/v1/jobs/${id}/start`)).status).toBe(200);
  await client.ended(id);
  expect(client.charges().map((charge) => charge.credits)).toEqual([4, -4, 4, -4]);
});

test('a second start can be refused with another status', async () => {
  const client = await clientFor({ secondStartStatus: 400 });
  const { id } = await client.started(4);
  expect((await client.post(`/v1/jobs/${id}/start`)).status).toBe(400);
});
