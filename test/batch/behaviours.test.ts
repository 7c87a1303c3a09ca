import { describe, expect, test } from 'vitest';

import type { Behaviour } from '../../src/sandbox/behaviour.ts';
import { chargesPerJob, createWorld, statuses } from './harness.ts';

/** What the vendor's pages leave open or contradict: the client must be right at every value. */
const CASES: readonly (readonly [string, Partial<Behaviour>])[] = [
  ['an id called job_id', { idField: 'job_id' }],
  ['an id called both ways', { idField: 'both' }],
  ['drafts called pending', { draftWord: 'pending' }],
  ['a draft word nobody knows', { draftWord: 'ready' }],
  ['a status word nobody knows', { processingWord: 'crunching' }],
  ['a status that is null', { processingWord: null }],
  ['201 for a create', { createStatus: 201 }],
  ['a download link called otherwise', { downloadField: 'output_url' }],
  ['charges at completion', { chargeAt: 'completion' }],
  ['a billing word nobody knows', { chargedWord: 'settled' }],
  ['no billing word at all', { chargedWord: null, refundedWord: null }],
  ['a weak ETag', { etag: 'weak' }],
  ['no ETag and no ranges', { etag: 'none', ranges: false }],
  ['a second start that is ignored', { secondStart: 'ignored' }],
  ['a second start that is charged', { secondStart: 'charged_again' }],
  // The clients' clock passes a thousand times faster than the server's.
  ['a tight rate limit', { ratePerSecond: 500, rateBurst: 2 }],
  [
    'a tight rate limit without Retry-After',
    { ratePerSecond: 500, rateBurst: 2, retryAfter: 'none' },
  ],
  ['two jobs in flight at most', { maxJobsInFlight: 2 }],
];

describe('whatever the service does, each clip is paid once and delivered', () => {
  test.each(CASES)('%s', async (_title, behaviour) => {
    const world = await createWorld({
      behaviour,
      // And one start whose answer never comes.
      faults: [{ endpoint: 'start', nth: 2, kind: 'drop_after' }],
    });
    const clips = await Promise.all(['a', 'b', 'c', 'd'].map((name) => world.clip(`${name}.mp4`)));
    const outcomes = await world.run(clips);
    expect(statuses(outcomes)).toEqual(Array(4).fill('done'));
    expect(chargesPerJob(world.sandbox)).toEqual([1, 1, 1, 1]);
  });

  test('a service that starts drafts by itself is caught by the first one, and paid for no more', async () => {
    const world = await createWorld({ behaviour: { draftFlag: 'ignored' } });
    const clips = await Promise.all(['a', 'b', 'c', 'd'].map((name) => world.clip(`${name}.mp4`)));
    const outcomes = await world.run(clips, { concurrency: 4 });
    expect([...statuses(outcomes)].sort()).toEqual([
      'done',
      ...Array<string>(3).fill('pending broken_contract'),
    ]);
    expect(chargesPerJob(world.sandbox)).toEqual([1]);
  });

  test('a service that starts drafts by itself is caught though the first one cannot be looked at', async () => {
    const world = await createWorld({
      behaviour: { draftFlag: 'ignored' },
      faults: [{ endpoint: 'get', until: 5, kind: 'status', status: 503 }],
    });
    const clips = await Promise.all(['a', 'b'].map((name) => world.clip(`${name}.mp4`)));
    const outcomes = await world.run(clips, { concurrency: 2 });
    expect([...statuses(outcomes)].sort()).toEqual(['done', 'pending broken_contract']);
    expect(chargesPerJob(world.sandbox)).toEqual([1]);
  });
});
