import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { Behaviour } from '../../src/sandbox/behaviour.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { chargeCount, createWorld, statuses, type World } from './harness.ts';

/** An output that comes in many pieces, and how much of it the first process waits for. */
const TIMES = 60_000;
const MUCH = 0.3;

/** A first process that ends in the middle of its download, and what the second one makes of it. */
async function interrupted(
  faults: readonly Fault[],
  behaviour: Partial<Behaviour> = {},
): Promise<{
  readonly world: World;
  readonly firstFraction: number;
  readonly output: Buffer;
  readonly wanted: Buffer;
}> {
  const world = await createWorld({
    behaviour,
    faults,
    async work({ jobId, outputPath }) {
      await writeFile(outputPath, `output of ${jobId} `.repeat(TIMES));
      return { ok: true, durationSeconds: 2 };
    },
  });
  const clip = await world.clip('a.mp4');
  const controller = new AbortController();
  const first = await world.run([clip], {
    signal: controller.signal,
    onEvent(event) {
      const isDownload = event.type === 'clip_progress' && event.phase === 'download';
      if (isDownload && event.fraction > MUCH) controller.abort(new Error('interrupted'));
    },
  });
  expect(statuses(first)).toEqual(['pending interrupted']);
  const before = world.events.length;
  const second = await world.run([clip]);
  expect(statuses(second)).toEqual(['done']);
  expect(chargeCount(world.sandbox)).toBe(1);
  expect(await readdir(world.results)).toEqual(['a.webm']);
  const fractions = world.events
    .slice(before)
    .flatMap((event) =>
      event.type === 'clip_progress' && event.phase === 'download' ? [event.fraction] : [],
    );
  return {
    world,
    firstFraction: fractions[0] ?? 0,
    output: await readFile(join(world.results, 'a.webm')),
    wanted: Buffer.from(`output of ${second[0]?.jobId ?? ''} `.repeat(TIMES)),
  };
}

describe('a download that another process began', () => {
  test('goes on where that one stopped', async () => {
    const { output, wanted, firstFraction } = await interrupted([]);
    expect(output.equals(wanted)).toBe(true);
    expect(firstFraction).toBeGreaterThan(MUCH);
  });

  const replaced: readonly (readonly [string, readonly Fault[], Partial<Behaviour>])[] = [
    ['the server ignores the range', [], { ranges: false }],
    ['its tag is weak', [], { etag: 'weak' }],
    ['it has no tag', [], { etag: 'none' }],
    [
      'the piece begins elsewhere',
      [{ endpoint: 'output', nth: 2, kind: 'wrong_range', by: 7 }],
      {},
    ],
    [
      'the range is out of bounds',
      [{ endpoint: 'output', nth: 2, kind: 'status', status: 416 }],
      {},
    ],
  ];
  test.each(replaced)('begins anew when %s', async (_title, faults, behaviour) => {
    const { output, wanted, firstFraction } = await interrupted(faults, behaviour);
    expect(output.equals(wanted)).toBe(true);
    expect(firstFraction).toBeLessThan(MUCH);
  });

  test('is never spliced with the object that took its place', async () => {
    const { output, wanted } = await interrupted([
      { endpoint: 'output', from: 2, kind: 'changed_object' },
    ]);
    expect(output.equals(wanted.map((byte) => byte ^ 0xff))).toBe(true);
  });

  test('goes on from a fresh URL when the first one has expired', async () => {
    const { output, wanted, world, firstFraction } = await interrupted([
      { endpoint: 'output', nth: 2, kind: 'expired_url' },
    ]);
    expect(output.equals(wanted)).toBe(true);
    expect(firstFraction).toBeGreaterThan(MUCH);
    expect(world.sandbox.requests().download).toBe(1);
  });
});
