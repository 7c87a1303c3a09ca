import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { Ledger } from '../../src/ledger/ledger.ts';
import { chargeCount, createWorld, statuses, type World } from './harness.ts';

/** Steps that one clip takes from `planned` to `done`. */
const STEPS = 7;

/** A ledger whose process dies at the nth step, before or after the step reached the disk. */
function dyingAt(step: number, moment: 'before' | 'after'): (ledger: Ledger) => Ledger {
  let count = 0;
  return (ledger) => ({
    ...ledger,
    append(runId, job, event) {
      count += 1;
      if (count === step && moment === 'before') throw new Error('killed');
      const next = ledger.append(runId, job, event);
      if (count === step) throw new Error('killed');
      return next;
    },
  });
}

async function expectPaidOnceAndWhole(world: World, jobId: string | undefined): Promise<void> {
  expect(chargeCount(world.sandbox)).toBe(1);
  expect(await readdir(world.results)).toEqual(['a.webm']);
  const output = await readFile(join(world.results, 'a.webm'), 'utf8');
  expect(output).toBe(`output of ${jobId ?? ''} `.repeat(2000));
}

const points = Array.from({ length: STEPS }, (_, index) => index + 1).flatMap((step) => [
  [step, 'before'] as const,
  [step, 'after'] as const,
]);

describe('a process that dies', () => {
  test('takes as many steps as the crash points below cover', async () => {
    const world = await createWorld();
    const [outcome] = await world.run([await world.clip('a.mp4')], {
      wrapLedger: dyingAt(STEPS + 1, 'before'),
    });
    expect(outcome?.status).toBe('done');
  });

  test.each(points)('at step %i, %s it is on disk, goes on and pays once', async (step, moment) => {
    // The server would charge a second start: only the client stands between.
    const world = await createWorld({ behaviour: { secondStart: 'charged_again' } });
    const clip = await world.clip('a.mp4');
    await expect(world.run([clip], { wrapLedger: dyingAt(step, moment) })).rejects.toThrow(
      'killed',
    );
    const outcomes = await world.run([clip]);
    expect(statuses(outcomes)).toEqual(['done']);
    await expectPaidOnceAndWhole(world, outcomes[0]?.jobId);
  });

  test.each(points)('at step %i, %s, and again at each later one', async (step, moment) => {
    for (let second = 1; second <= STEPS; second += 1) {
      const world = await createWorld({ behaviour: { secondStart: 'charged_again' } });
      const clip = await world.clip('a.mp4');
      const dies = { wrapLedger: dyingAt(step, moment) };
      await world.run([clip], dies).catch(() => undefined);
      await world.run([clip], { wrapLedger: dyingAt(second, moment) }).catch(() => undefined);
      const outcomes = await world.run([clip]);
      expect(statuses(outcomes)).toEqual(['done']);
      await expectPaidOnceAndWhole(world, outcomes[0]?.jobId);
    }
  });
});
