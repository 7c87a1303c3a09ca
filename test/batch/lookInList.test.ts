import { expect, onTestFinished, test } from 'vitest';

import type { Api } from '../../src/api/api.ts';
import { createHttpApi } from '../../src/api/httpApi.ts';
import { lookInList } from '../../src/batch/lookInList.ts';
import type { JobView } from '../../src/core/jobView.ts';
import type { Work } from '../../src/sandbox/work.ts';
import { KEY } from '../sandbox/doubles.ts';
import { clientOf, open } from '../sandbox/support.ts';

const RUNNING: JobView = {
  id: 'job',
  status: 'processing',
  progress: undefined,
  outputUrl: undefined,
  error: undefined,
  billingStatus: undefined,
  creditsUsed: undefined,
  createdAt: undefined,
  metadata: {},
  sawStartedEvent: true,
};

test('a list is not read on for a job that has left it, once it was seen with all of them', async () => {
  const end: (() => void)[] = [];
  const work: Work = () =>
    new Promise((resolve) => {
      end.push(() => {
        resolve({ ok: true, durationSeconds: 10 });
      });
    });
  const sandbox = await open({ work, workers: 8 });
  // Before the sandbox closes, which waits for its work.
  onTestFinished(() => {
    for (const finish of end) finish();
  });
  const client = clientOf(sandbox.url);
  const api = createHttpApi({ baseUrl: sandbox.url, apiKey: KEY, userAgent: 'test' });
  const ids: string[] = [];
  for (let job = 0; job < 3; job += 1) ids.push((await client.started(10)).id);
  let pages = 0;
  const counted: Pick<Api, 'listJobs'> = {
    listJobs(page, signal) {
      pages += 1;
      return api.listJobs(page, signal);
    },
  };
  const largest = { page: 0 };
  const list = () =>
    lookInList(
      counted,
      { words: new Set(['processing']), isWide: () => false },
      new Set(ids),
      largest,
      new AbortController().signal,
    );
  expect((await list()).seen.size).toBe(3);
  end[0]?.();
  await client.ended(ids[0] ?? '');
  expect((await list()).seen.size).toBe(2);
  expect(pages).toBe(2);
});

test('the first page of all jobs does not end the search among the running ones', async () => {
  const ids = Array.from({ length: 8 }, (_, index) => `job_${index}`);
  const views = ids.map((id) => ({ ...RUNNING, id }));
  // Pages of four, the same first one with a filter and without.
  const api: Pick<Api, 'listJobs'> = {
    listJobs: ({ offset }) => Promise.resolve(views.slice(offset, offset + 4)),
  };
  const trust = { words: new Set(['processing']), isWide: () => true };
  const { signal } = new AbortController();
  const { seen, pages } = await lookInList(api, trust, new Set(ids), { page: 0 }, signal);
  expect([...seen.keys()].sort()).toEqual(ids);
  expect(pages).toBe(4);
});
