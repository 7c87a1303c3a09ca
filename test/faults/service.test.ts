import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { createHttpApi } from '../../src/api/httpApi.ts';
import { adoptJobs, type Adoption } from '../../src/batch/adoptJobs.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import type { Work } from '../../src/sandbox/work.ts';
import { createWorld, KEY, statuses, type World } from '../batch/harness.ts';
import { clipsOf, expectFaithful, posts, testRows, unguarded } from './faithful.ts';

// Rows 15 to 28 of the fault matrix: keys, status words, lists. Numbers: RELIABILITY.md.

/** The first job fails; the server then says this of its charge. */
const failingJob = (refunded: string | null) => ({
  behaviour: { refundOnFailure: refunded !== null, refundedWord: refunded },
  faults: [{ endpoint: 'work' as const, nth: 1, kind: 'failed_job' as const }],
});

/** Work that ends when the test says so. */
function heldWork(): { readonly work: Work; readonly release: () => void } {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  return {
    release,
    async work({ jobId, outputPath }) {
      await held;
      await writeFile(outputPath, `output of ${jobId}`);
      return { ok: true, durationSeconds: 2 };
    },
  };
}

testRows([
  {
    title:
      '15 a key refused in the middle of a run fails no clip, ends it with 4, and it goes on later',
    sandbox: { faults: [{ endpoint: 'get', nth: 2, kind: 'status', status: 401 }] },
    runs: [
      { ends: 'pending auth', exit: 4 },
      { ends: 'done', exit: 0 },
    ],
  },
  {
    title: '18 a job that is “not found” now and then is neither made nor paid again',
    sandbox: { faults: [{ endpoint: 'get', every: 3, kind: 'status', status: 404 }] },
  },
  {
    title: '19 a started job that is gone for good is reported with 3, and not paid again',
    clips: 1,
    sandbox: { faults: [{ endpoint: 'get', from: 2, kind: 'status', status: 404 }] },
    runs: [{ ends: 'failed lost_remote', exit: 3 }],
  },
  {
    title: '20 a status that is null, a number or a new word counts as not yet',
    sandbox: {
      faults: [
        { endpoint: 'get', from: 2, until: 3, kind: 'rewrite_json', set: { status: null } },
        { endpoint: 'get', from: 4, until: 5, kind: 'rewrite_json', set: { status: 7 } },
        { endpoint: 'get', from: 6, until: 7, kind: 'rewrite_json', set: { status: 'queued2' } },
      ],
    },
  },
  {
    title: '20 after an unclear start an unknown word counts as possibly started: no second start',
    clips: 1,
    sandbox: {
      faults: [
        { endpoint: 'start', nth: 1, kind: 'drop_before' },
        { endpoint: 'get', from: 2, kind: 'rewrite_json', set: { status: 'queued2' } },
      ],
    },
    runs: [{ ends: 'pending unclear_start', exit: 8 }],
    charges: 0,
  },
  {
    title: '21 where drafts and queued jobs wear the same word, the charge tells them apart',
    sandbox: {
      behaviour: { draftWord: 'pending', queuedWord: 'pending' },
      faults: [
        { endpoint: 'start', nth: 1, kind: 'drop_after' },
        { endpoint: 'start', nth: 2, kind: 'drop_before' },
      ],
    },
  },
  {
    title: '22 a failed job that was charged is never paid again by itself',
    clips: 1,
    sandbox: failingJob(null),
    runs: [
      { ends: 'failed job_failed', exit: 3 },
      { ends: 'failed job_failed', exit: 3 },
    ],
  },
  {
    title: '22 a failed job that was refunded is tried once more in a later run',
    clips: 1,
    sandbox: failingJob('refunded'),
    runs: [
      { ends: 'failed job_failed', exit: 3 },
      { ends: 'done', exit: 0 },
    ],
    charges: 2,
  },
  {
    title: '22 a failed job with a billing word nobody knows is paid again only by consent',
    clips: 1,
    sandbox: failingJob('settled_back'),
    runs: [
      { ends: 'failed job_failed', exit: 3 },
      { ends: 'failed job_failed', exit: 3 },
      { ends: 'done', exit: 0, options: { repay: true } },
    ],
    charges: 2,
  },
  {
    title: '23 a job that is processed for ever is asked for ever more rarely, and left pending',
    clips: 1,
    sandbox: { faults: [{ endpoint: 'work', nth: 1, kind: 'stuck_job' }] },
    // One hour: at most every 10 s for ten minutes, then every minute.
    runs: [{ ends: 'pending timeout', exit: 8, options: { jobTimeoutMs: 3_600_000 } }],
    mostRequests: 60 + 50 + 20,
  },
  {
    title: '24 a job that was completed and says processing again is fetched all the same',
    sandbox: {
      faults: [{ endpoint: 'get', every: 3, kind: 'rewrite_json', set: { status: 'processing' } }],
    },
  },
  {
    title: '25 an output that comes later than the word is waited for',
    sandbox: { behaviour: { nullOutputMs: 100 } },
  },
  {
    title: '28 without metadata in any answer everything is still paid once',
    sandbox: {
      behaviour: { echoMetadata: false, listMetadata: false },
      faults: [{ endpoint: 'start', nth: 1, kind: 'drop_after' }],
    },
  },
]);

describe('keys and drafts of yesterday', () => {
  test('17 a job of a rotated key is not paid with the new one, and waits for its own', async () => {
    const newKey = 'new-key-0123456789';
    const { work, release } = heldWork();
    const world = await createWorld(unguarded({ keys: [KEY, newKey], work }));
    const clips = await clipsOf(world, 1);
    const first = await world.run(clips, { jobTimeoutMs: 1 });
    release();
    const rotated = await world.run(clips, { apiKey: newKey });
    const last = await world.run(clips);
    expect([first, rotated, last].map(statuses)).toEqual([
      ['pending timeout'],
      ['pending invisible'],
      ['done'],
    ]);
    await expectFaithful(world, clips, [first, rotated, last]);
  });

  test('19 a draft that was never started and is gone is made anew, for free', async () => {
    const world = await createWorld(
      unguarded({ faults: [{ endpoint: 'get', nth: 2, kind: 'status', status: 404 }] }),
    );
    const clips = await clipsOf(world, 1);
    const controller = new AbortController();
    const first = await world.run(clips, {
      signal: controller.signal,
      wrapLedger: (ledger) => ({
        ...ledger,
        append(runId, job, event) {
          const next = ledger.append(runId, job, event);
          if (next.state === 'created') {
            controller.abort(new Error('interrupted'));
            throw new Error('interrupted');
          }
          return next;
        },
      }),
    });
    expect(statuses(first)).toEqual(['pending interrupted']);
    const second = await world.run(clips);
    expect(statuses(second)).toEqual(['done']);
    expect(world.sandbox.requests().create).toBe(2);
    await expectFaithful(world, clips, [first, second]);
  });
});

describe('lists', () => {
  test('26 a list that lags and lacks a job changes nothing: the ledger and the job itself decide', async () => {
    const { work, release } = heldWork();
    const world = await createWorld(unguarded({ behaviour: { listLagMs: 3_600_000 }, work }));
    const clips = await clipsOf(world, 2);
    const first = await world.run(clips, { jobTimeoutMs: 1 });
    expect(statuses(first)).toEqual(['pending timeout', 'pending timeout']);
    expect(await adopt(world)).toMatchObject({ listed: 0, adopted: 0 });
    release();
    const second = await world.run(clips);
    expect(statuses(second)).toEqual(['done', 'done']);
    await expectFaithful(world, clips, [first, second]);
  });

  test('27 a list that shifts while it is read, in pages of 12, misses no job', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `${index}.mp4`);
    let adopting = false;
    let pages = 0;
    const foreign: Promise<void>[] = [];
    const world: World = await createWorld(
      unguarded({
        behaviour: { listPageCap: 12 },
        // A job of somebody else appears at the top after each page.
        log: (line) => {
          if (!adopting || !line.startsWith('GET /v1/jobs 200')) return;
          pages += 1;
          foreign.push(createForeignDraft(world.sandbox.url));
        },
      }),
    );
    const clips = await Promise.all(names.map((name) => world.clip(name)));
    const first = await world.run(clips, { concurrency: 16 });
    await rm(join(world.folder, 'state'), { recursive: true });
    await rm(world.results, { recursive: true });
    adopting = true;
    expect(await adopt(world)).toMatchObject({ ours: 25, adopted: 25 });
    adopting = false;
    await Promise.all(foreign);
    const sent = posts(world);
    const second = await world.run(clips, { concurrency: 16 });
    expect(statuses(second)).toEqual(Array(25).fill('done'));
    expect([pages > 2, posts(world) - sent]).toEqual([true, 0]);
    await expectFaithful(world, clips, [first, second], { mostRequests: 1_000 });
  });
});

async function adopt(world: World): Promise<Adoption> {
  const api = createHttpApi({ baseUrl: world.sandbox.url, apiKey: KEY, userAgent: 'rbgv-test' });
  const ledger = openLedger(join(world.folder, 'state'), systemClock);
  try {
    const keys = { current: { api, apiOnce: api }, former: [] };
    return await adoptJobs(keys, ledger, 'test', new AbortController().signal);
  } finally {
    ledger.close();
  }
}

/** A job of somebody else with the same key, at the top of the list. */
async function createForeignDraft(url: string): Promise<void> {
  const headers = { 'x-api-key': KEY };
  const form = new FormData();
  form.set('file', new Blob(['another clip']), 'other.mp4');
  const sent = await fetch(`${url}/v1/uploads`, { method: 'POST', headers, body: form });
  const { video_url } = (await sent.json()) as { video_url: string };
  await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ video_url, auto_start: false }),
  });
}
