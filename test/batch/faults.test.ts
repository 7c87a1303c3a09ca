import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { Fault } from '../../src/sandbox/faults.ts';
import { chargeCount, chargesPerJob, createWorld, KEY, statuses } from './harness.ts';

// The numbered rows of the fault matrix are in test/faults; here is what it does not number.
describe('a clip is charged exactly once', () => {
  const cases: readonly (readonly [string, readonly Fault[]])[] = [
    [
      'when every second status request fails',
      [{ endpoint: 'get', every: 2, kind: 'status', status: 503 }],
    ],
    [
      'when a create is carried out late',
      [{ endpoint: 'create', nth: 2, kind: 'execute_late', ms: 5 }],
    ],
    [
      'when the output redirects into a private network',
      [{ endpoint: 'output', nth: 1, kind: 'redirect_to', url: 'https://169.254.169.254/x' }],
    ],
    [
      'when a sign-in page stands in for the status',
      [{ endpoint: 'get', nth: 4, kind: 'html_200' }],
    ],
    [
      'when the output is not there at first',
      [{ endpoint: 'output', nth: 1, kind: 'status', status: 404 }],
    ],
  ];

  test.each(cases)('%s', async (_title, faults) => {
    // The server would charge every start: it is the client that must be right.
    const world = await createWorld({ faults, behaviour: { secondStart: 'charged_again' } });
    const clips = [await world.clip('a.mp4'), await world.clip('b.mp4')];
    const outcomes = await world.run(clips, { concurrency: 1 });
    expect(statuses(outcomes)).toEqual(['done', 'done']);
    expect(chargesPerJob(world.sandbox)).toEqual([1, 1]);
    for (const outcome of outcomes) {
      const text = await readFile(
        join(world.results, outcome.relativePath.replace('mp4', 'webm')),
        'utf8',
      );
      expect(text).toBe(`output of ${outcome.jobId ?? ''} `.repeat(2000));
    }
    expect((await readdir(world.results)).sort()).toEqual(['a.webm', 'b.webm']);
  });
});

test('an output that stays out of reach is paid and pending, and comes with a later run', async () => {
  const world = await createWorld({
    faults: [{ endpoint: 'output', until: 3, kind: 'expired_url' }],
  });
  const clip = await world.clip('a.mp4');
  expect(statuses(await world.run([clip]))).toEqual(['pending unavailable']);
  expect(statuses(await world.run([clip]))).toEqual(['done']);
  expect(chargeCount(world.sandbox)).toBe(1);
});

describe('trouble with the account', () => {
  test('out of credits: stops spending, keeps the drafts, goes on after a top-up', async () => {
    const world = await createWorld({
      faults: [
        { endpoint: 'start', nth: 2, kind: 'status', status: 402, code: 'insufficient_credits' },
      ],
    });
    const clips = await Promise.all(['a', 'b', 'c'].map((name) => world.clip(`${name}.mp4`)));
    const first = await world.run(clips, { concurrency: 1 });
    expect([...statuses(first)].sort()).toEqual(['done', 'pending credits', 'pending credits']);
    const second = await world.run(clips, { concurrency: 1 });
    expect(statuses(second)).toEqual(['done', 'done', 'done']);
    for (const [index, { jobId }] of first.entries()) {
      expect([undefined, second[index]?.jobId]).toContain(jobId);
    }
    expect(world.sandbox.requests().uploads).toBe(3);
    expect(chargesPerJob(world.sandbox)).toEqual([1, 1, 1]);
  });

  test('told to wait for credits, the run asks with one clip and goes on with all', async () => {
    const world = await createWorld({
      faults: [
        {
          endpoint: 'start',
          from: 2,
          until: 6,
          kind: 'status',
          status: 402,
          code: 'insufficient_credits',
        },
      ],
    });
    const clips = await Promise.all(['a', 'b', 'c', 'd'].map((name) => world.clip(`${name}.mp4`)));
    const outcomes = await world.run(clips, { concurrency: 2, waitCredits: true });
    expect(statuses(outcomes)).toEqual(Array(4).fill('done'));
    expect(chargesPerJob(world.sandbox)).toEqual([1, 1, 1, 1]);
    expect(world.sandbox.requests().uploads).toBe(4);
  });

  test('a refused key stops the run and fails no clip', async () => {
    const world = await createWorld();
    const clips = await Promise.all(['a', 'b'].map((name) => world.clip(`${name}.mp4`)));
    const outcomes = await world.run(clips, { apiKey: 'another-key' });
    expect(statuses(outcomes)).toEqual(['pending auth', 'pending auth']);
    expect(chargeCount(world.sandbox)).toBe(0);
    expect(statuses(await world.run(clips, { apiKey: KEY }))).toEqual(['done', 'done']);
  });

  test('a service that is down leaves the clips pending', async () => {
    const world = await createWorld({
      faults: [{ endpoint: 'uploads', every: 1, kind: 'drop_before' }],
    });
    const outcomes = await world.run([await world.clip('a.mp4')]);
    expect(statuses(outcomes)).toEqual(['pending unavailable']);
    expect(chargeCount(world.sandbox)).toBe(0);
  });
});
