import { readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { clip, endlessWork } from './doubles.ts';
import { clientOf, handClock, open, tempFolder } from './support.ts';

const HOUR_MS = 3_600_000;

/** Makes every file in a folder look as old as the clock's beginning. */
async function age(folder: string, atMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    await utimes(join(folder, name), atMs / 1_000, atMs / 1_000);
  }
}

test('old jobs and their files go at the next start, their charges and balances stay', async () => {
  const dataDir = await tempFolder();
  const { clock, advance } = handClock();
  const options = { dataDir, clock, retentionHours: 24, behaviour: { startingCredits: 100 } };
  const first = await open(options);
  const client = clientOf(first.url);
  const old = await client.started(10);
  await client.ended(old.id);
  const oldDraft = await client.draft(1);
  await age(join(dataDir, 'uploads'), clock.now());
  advance(23 * HOUR_MS);
  const recent = await client.started(20);
  await client.ended(recent.id);
  await first.close();
  const before = await readFile(join(dataDir, 'charges.jsonl'), 'utf8');
  advance(2 * HOUR_MS);

  const second = await open(options);
  const again = clientOf(second.url);
  const status = async (id: string): Promise<number> => (await again.get(`/v1/jobs/${id}`)).status;
  expect([await status(old.id), await status(oldDraft), await status(recent.id)]).toEqual([
    404, 404, 200,
  ]);
  expect(second.charges().map((charge) => charge.credits)).toEqual([10, 20]);
  const { body } = await again.get('/sandbox/balance');
  expect(body['items']).toMatchObject([{ balance: 70 }, { balance: 100 }]);
  await expect.poll(() => readdir(join(dataDir, 'uploads'))).toHaveLength(1);
  expect(await readdir(join(dataDir, 'outputs'))).toEqual([`${recent.id}.webm`]);
  const journal = await readFile(join(dataDir, 'journal.jsonl'), 'utf8');
  expect(journal).not.toContain(old.id);
  expect(await readFile(join(dataDir, 'charges.jsonl'), 'utf8')).toBe(before);

  const next = await again.started(1);
  await second.close();
  const third = await open(options);
  expect((await clientOf(third.url).get(`/v1/jobs/${next.id}`)).status).toBe(200);
  expect(third.charges()).toHaveLength(3);
});

test('a sandbox that runs for days lets go of what is old, but never of a started job', async () => {
  const dataDir = await tempFolder();
  const { clock, advance, sleeping } = handClock();
  const { url } = await open({ dataDir, clock, retentionHours: 24, work: endlessWork });
  const client = clientOf(url);
  const started = await client.started(10);
  const draft = await client.draft(1);
  await client.upload(clip(2));
  await age(join(dataDir, 'uploads'), clock.now());
  await expect.poll(sleeping).toBe(1);
  advance(25 * HOUR_MS);
  await expect.poll(async () => (await client.get(`/v1/jobs/${draft}`)).status).toBe(404);
  expect((await client.get(`/v1/jobs/${started.id}`)).status).toBe(200);
  await expect.poll(() => readdir(join(dataDir, 'uploads'))).toHaveLength(1);
});

test('an upload that the disk has no room for is refused before it is read', async () => {
  const dataDir = await tempFolder();
  const { url } = await open({ dataDir, minFreeBytes: 1e18 });
  const { status, body } = await clientOf(url).upload('x'.repeat(3_000_000));
  expect([status, body.error.code]).toEqual([507, 'insufficient_storage']);
  expect(body.error.request_id).toMatch(/^req_/);
  expect(await readdir(join(dataDir, 'uploads'))).toEqual([]);
});
