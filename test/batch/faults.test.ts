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
    faults: [{ endpoint: 'output', until: 10, kind: 'expired_url' }],
  });
  const clip = await world.clip('a.mp4');
  const [first] = await world.run([clip]);
  expect(first).toMatchObject({ status: 'pending', code: 'output_unreachable', paid: true });
  // An hour's patience, in which it was asked for by both doors again and again.
  expect(world.sandbox.requests()).toMatchObject({ output: 10, download: 5 });
  const waits = world.events.flatMap((event) =>
    event.type === 'retry' && event.what === 'download' ? [event.delayMs / 60_000] : [],
  );
  expect(waits.slice(-3)).toEqual([1, 5, 30]);
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

  test('after a top-up starts come one by one at first, and what is paid is fetched meanwhile', async () => {
    const world = await createWorld({
      workers: 8,
      faults: [
        // The last of the first eight finds the account empty, and so does the next to ask.
        { endpoint: 'start', nth: 2, kind: 'status', status: 402, code: 'insufficient_credits' },
        { endpoint: 'start', nth: 3, kind: 'status', status: 402, code: 'insufficient_credits' },
        { endpoint: 'start', from: 4, kind: 'delay', ms: 30 },
      ],
    });
    const names = Array.from({ length: 9 }, (_, number) => `${number}.mp4`);
    const clips = await Promise.all(names.map((name) => world.clip(name)));
    await world.run(clips.slice(0, 1), { jobTimeoutMs: 1 });
    const outcomes = await world.run(clips, { concurrency: 8, waitCredits: true });
    expect(statuses(outcomes)).toEqual(Array(9).fill('done'));
    expect(chargesPerJob(world.sandbox)).toEqual(Array(9).fill(1));
    const begins = world.events.findLastIndex(
      (event) => event.type === 'retry' && event.reason.includes('out of credits'),
    );
    let underWay = 0;
    let succeeded = 0;
    for (const event of world.events.slice(begins)) {
      if (event.type !== 'clip_state') continue;
      if (event.state === 'starting') underWay += 1;
      if (event.state === 'started') [underWay, succeeded] = [underWay - 1, succeeded + 1];
      expect(underWay).toBeLessThanOrEqual(1 + succeeded);
    }
    expect(succeeded).toBeGreaterThan(4);
    // The clip that was paid already did not wait for the top-up.
    const done = world.events.findIndex(
      (event) =>
        event.type === 'clip_outcome' &&
        event.outcome.relativePath === '0.mp4' &&
        event.outcome.status === 'done',
    );
    expect(done).toBeLessThan(world.events.findLastIndex((event) => event.type === 'clip_outcome'));
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
