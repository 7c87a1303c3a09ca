import { expect, onTestFinished, test } from 'vitest';

import type { Api } from '../../src/api/api.ts';
import { createHttpApi } from '../../src/api/httpApi.ts';
import { lookInList } from '../../src/batch/lookInList.ts';
import type { Work } from '../../src/sandbox/work.ts';
import { KEY } from '../sandbox/doubles.ts';
import { clientOf, open } from '../sandbox/support.ts';

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
