import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { Fault } from '../../src/sandbox/faults.ts';
import { chargeCount, chargesPerJob, createWorld, KEY, statuses } from './harness.ts';

describe('a clip is charged exactly once', () => {
  const cases: readonly (readonly [string, readonly Fault[]])[] = [
    ['when the upload is cut', [{ endpoint: 'uploads', nth: 1, kind: 'drop_before' }]],
    [
      'when a create is executed and its answer lost',
      [{ endpoint: 'create', nth: 2, kind: 'drop_after' }],
    ],
    ['when a create answers half a JSON', [{ endpoint: 'create', nth: 2, kind: 'truncated_json' }]],
    ['when the start is lost on its way', [{ endpoint: 'start', nth: 1, kind: 'drop_before' }]],
    [
      'when the start is executed and its answer lost',
      [{ endpoint: 'start', nth: 1, kind: 'drop_after' }],
    ],
    [
      'when the start answers 500 and was executed',
      [{ endpoint: 'start', nth: 1, kind: 'status', status: 500, when: 'after' }],
    ],
    [
      'when the start answers 500 and was not executed',
      [{ endpoint: 'start', nth: 1, kind: 'status', status: 500 }],
    ],
    [
      'when a proxy answers the start in HTML',
      [{ endpoint: 'start', nth: 1, kind: 'html_502', when: 'after' }],
    ],
    ['when the start answers half a JSON', [{ endpoint: 'start', nth: 1, kind: 'truncated_json' }]],
    [
      'when the start is refused with 429',
      [{ endpoint: 'start', nth: 1, kind: 'status', status: 429, retryAfter: 3 }],
    ],
    [
      'when every second status request fails',
      [{ endpoint: 'get', every: 2, kind: 'status', status: 503 }],
    ],
    ['when a create answers a sign-in page', [{ endpoint: 'create', nth: 2, kind: 'html_200' }]],
    [
      'when a create is carried out late',
      [{ endpoint: 'create', nth: 2, kind: 'execute_late', ms: 5 }],
    ],
    [
      'when a start is carried out late',
      [{ endpoint: 'start', nth: 1, kind: 'execute_late', ms: 5 }],
    ],
    [
      'when starts are refused with strange Retry-After headers',
      ['0', '-1', '1e9', '2abc', 'soon'].map((retryAfter, index) => ({
        endpoint: 'start' as const,
        nth: index + 1 + Math.floor(index / 3),
        kind: 'status' as const,
        status: 429,
        retryAfter,
      })),
    ],
    [
      'when its status is null, a number, a new word',
      [
        { endpoint: 'get', from: 3, until: 4, kind: 'rewrite_json', set: { status: null } },
        { endpoint: 'get', from: 5, until: 6, kind: 'rewrite_json', set: { status: 7 } },
        { endpoint: 'get', from: 7, until: 8, kind: 'rewrite_json', set: { status: 'queued2' } },
      ],
    ],
    [
      'when the service forgets it now and then',
      [{ endpoint: 'get', every: 3, kind: 'status', status: 404 }],
    ],
    ['when the output URL has expired', [{ endpoint: 'output', nth: 1, kind: 'expired_url' }]],
    [
      'when the output announces more than it is',
      [{ endpoint: 'output', nth: 1, kind: 'wrong_length', by: 5 }],
    ],
    [
      'when the output announces no length',
      [{ endpoint: 'output', nth: 1, kind: 'wrong_length', by: 'missing' }],
    ],
    [
      'when the output is cut, and the rest begins elsewhere',
      [
        { endpoint: 'output', nth: 1, kind: 'cut_body_at', bytes: 20_000 },
        { endpoint: 'output', nth: 2, kind: 'wrong_range', by: 7 },
      ],
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
      'when the output is cut in its middle',
      [{ endpoint: 'output', nth: 1, kind: 'cut_body_at', bytes: 20_000 }],
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

  test('out of credits run after run: the job is started when there are credits again', async () => {
    const world = await createWorld({
      faults: [
        { endpoint: 'start', until: 6, kind: 'status', status: 402, code: 'insufficient_credits' },
      ],
    });
    const clip = await world.clip('a.mp4');
    for (let run = 0; run < 6; run += 1) {
      expect(statuses(await world.run([clip]))).toEqual(['pending credits']);
    }
    expect(statuses(await world.run([clip]))).toEqual(['done']);
    expect([chargeCount(world.sandbox), world.sandbox.requests().uploads]).toEqual([1, 1]);
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

  test('a job of a rotated key waits for that key, and is not paid with the new one', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const world = await createWorld({
      keys: [KEY, 'new-key-0123456789'],
      async work({ outputPath }) {
        await held;
        await writeFile(outputPath, 'late');
        return { ok: true, durationSeconds: 2 };
      },
    });
    const clip = await world.clip('a.mp4');
    expect(statuses(await world.run([clip], { jobTimeoutMs: 1 }))).toEqual(['pending timeout']);
    release();
    const rotated = await world.run([clip], { apiKey: 'new-key-0123456789' });
    expect(statuses(rotated)).toEqual(['pending invisible']);
    expect(statuses(await world.run([clip]))).toEqual(['done']);
    expect(chargeCount(world.sandbox)).toBe(1);
  });

  test('no start is paid for without room for its output', async () => {
    const world = await createWorld();
    const clip = await world.clip('a.mp4');
    expect(statuses(await world.run([clip], { freeBytes: 1e8 }))).toEqual(['pending disk']);
    expect(chargeCount(world.sandbox)).toBe(0);
    expect(statuses(await world.run([clip]))).toEqual(['done']);
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
