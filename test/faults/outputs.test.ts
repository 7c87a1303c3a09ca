import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { BatchEvent } from '../../src/core/events.ts';
import { verifyOutput } from '../../src/media/verify.ts';
import { chargeCount, createWorld, statuses } from '../batch/harness.ts';
import { asService, createHome, serve, tools } from '../cli/rbgv.ts';
import { clipsOf, expectFaithful, testRows, unguarded } from './faithful.ts';
import { startCuttingProxy } from './cuttingProxy.ts';

// Rows 33 to 42 of the fault matrix: downloads and uploads. Numbers: RELIABILITY.md.

/** Long enough to be cut in its middle; see the harness. */
const MIDDLE = 20_000;

testRows([
  {
    title: '33 an output URL that has expired is renewed, before and in the middle of a download',
    sandbox: {
      faults: [
        { endpoint: 'output', nth: 1, kind: 'expired_url' },
        { endpoint: 'output', nth: 3, kind: 'cut_body_at', bytes: MIDDLE },
        { endpoint: 'output', nth: 4, kind: 'expired_url' },
      ],
    },
  },
  {
    title:
      '34 an output cut at its first byte, after one, in its middle and before its last comes whole',
    clips: 4,
    sandbox: {
      faults: [0, 1, MIDDLE, 83_999].map((bytes, index) => ({
        endpoint: 'output',
        nth: index * 2 + 1,
        kind: 'cut_body_at',
        bytes,
      })),
    },
  },
  {
    title: '36 a server that answers a range with the whole file is taken at its word',
    sandbox: {
      behaviour: { ranges: false },
      faults: [{ endpoint: 'output', nth: 1, kind: 'cut_body_at', bytes: MIDDLE }],
    },
  },
  {
    title: '37 a piece that begins elsewhere, or is refused with 416, begins the output anew',
    sandbox: {
      faults: [
        { endpoint: 'output', nth: 1, kind: 'cut_body_at', bytes: MIDDLE },
        { endpoint: 'output', nth: 2, kind: 'wrong_range', by: 7 },
        { endpoint: 'output', nth: 4, kind: 'cut_body_at', bytes: MIDDLE },
        { endpoint: 'output', nth: 5, kind: 'status', status: 416 },
      ],
    },
  },
  {
    title: '38 an output that announces too much, or no length, is fetched until it is whole',
    sandbox: {
      faults: [
        { endpoint: 'output', nth: 1, kind: 'wrong_length', by: 5 },
        { endpoint: 'output', nth: 3, kind: 'wrong_length', by: 'missing' },
      ],
    },
  },
]);

test.each(['strong', 'weak', 'none'] as const)(
  '35 an output that was replaced between two pieces is never spliced, with ETag %s',
  async (etag) => {
    const world = await createWorld(
      unguarded({
        behaviour: { etag },
        faults: [
          { endpoint: 'output', nth: 1, kind: 'cut_body_at', bytes: MIDDLE },
          { endpoint: 'output', nth: 2, kind: 'changed_object' },
        ],
      }),
    );
    const [clip] = await clipsOf(world, 1);
    const outcomes = await world.run(clip === undefined ? [] : [clip]);
    const [outcome] = outcomes;
    const delivered = await readFile(join(world.results, 'a.webm'));
    const served = await readFile(
      join(world.folder, 'server', 'outputs', `${outcome?.jobId ?? ''}.webm`),
    );
    // Every byte of the other file differs: one that does not would come from the first piece.
    expect(delivered).toHaveLength(served.length);
    expect(delivered.some((byte, index) => byte === served[index])).toBe(false);
    expect(chargeCount(world.sandbox)).toBe(1);
  },
);

test('39 a sign-in page in the place of a video is never published, and the video fetched again', async () => {
  const home = await createHome();
  const sandbox = await serve({
    home,
    faults: [{ endpoint: 'output', nth: 1, kind: 'html_200' }],
  });
  await home.clip('a.mp4');
  const env = asService(sandbox);
  const run = await home.rbgv(['run', '--yes', 'a.mp4'], { env });
  expect([run.exitCode, sandbox.requests().output]).toEqual([0, 2]);
  expect((await home.shell('ls -A results')).stdout).toBe('a.webm');
  expect((await readFile(home.path('results/a.webm'))).toString('hex', 0, 4)).toBe('1a45dfa3');
  expect(sandbox.charges()).toHaveLength(1);
});

test('40 an output of no bytes is fetched again, reported, and not published', async () => {
  const world = await createWorld(
    unguarded({ faults: [{ endpoint: 'work', nth: 1, kind: 'empty_output' }] }),
  );
  const clips = await clipsOf(world, 1);
  const found = await tools();
  const outcomes = await world.run(clips, {
    verify: (path, expected) => verifyOutput(path, expected, found),
  });
  expect(outcomes[0]?.status).toBe('failed');
  expect(world.sandbox.requests().output).toBeGreaterThan(1);
  await expectFaithful(world, [], [outcomes], { charges: 1 });
});

test.each([
  ['1 %', 0.01],
  ['99 %', 0.99],
  ['its last byte', 1],
])(
  '41 an upload whose connection breaks after %s is sent again from its beginning, twice',
  async (_, share) => {
    const size = 2_000_000;
    const world = await createWorld(unguarded());
    const clip = await world.clip('a.mp4', 'x'.repeat(size));
    const proxy = await startCuttingProxy(world.sandbox.url, {
      connections: 2,
      bytes: size * share,
    });
    const outcomes = await world.run([clip], { baseUrl: proxy.url });
    expect(statuses(outcomes)).toEqual(['done']);
    expect(proxy.bytesReceived()).toBeLessThan(size * 3 + 100_000);
    await expectFaithful(world, [clip], [outcomes]);
  },
);

describe('42 a file that changes while it is uploaded', () => {
  const SIZE = 3_000_000;
  test.each([
    ['grows', (path: string) => appendFile(path, 'more')],
    ['shrinks', (path: string) => truncate(path, 10)],
    ['is replaced', (path: string) => writeFile(path, 'y'.repeat(SIZE))],
    ['is deleted', (path: string) => rm(path)],
  ])('and %s is not paid for; as it is then, it is another clip', async (_, change) => {
    const world = await createWorld(unguarded());
    const clip = await world.clip('a.mp4', 'x'.repeat(SIZE));
    let changed: Promise<void> | undefined;
    const onEvent = (event: BatchEvent): void => {
      if (event.type === 'clip_progress' && event.phase === 'upload') changed ??= change(clip.path);
    };
    const outcomes = await world.run([clip], { onEvent });
    await changed;
    expect(outcomes.map(({ status }) => status)).not.toContain('done');
    expect([world.sandbox.requests().start, chargeCount(world.sandbox)]).toEqual([0, 0]);
    await writeFile(clip.path, 'another clip');
    const next = await world.clip('a.mp4', 'another clip');
    const later = await world.run([next]);
    expect(statuses(later)).toEqual(['done']);
    await expectFaithful(world, [next], [outcomes, later]);
  });
});
