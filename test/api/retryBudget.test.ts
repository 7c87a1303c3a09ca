import { expect, test } from 'vitest';

import { ApiError } from '../../src/api/apiError.ts';
import { createRetryBudget, retryCost } from '../../src/api/retryBudget.ts';
import { virtualClock } from './virtualClock.ts';

const never = new AbortController().signal;
const error = (status: number | undefined, outcome: 'not_sent' | 'ambiguous' | 'definite') =>
  new ApiError('code', 'message', { outcome, status });

test('a repeat costs more, the more the first attempt may have burdened the server', () => {
  expect([
    retryCost(error(429, 'definite')),
    retryCost(error(undefined, 'not_sent')),
    retryCost(error(503, 'ambiguous')),
    retryCost(error(undefined, 'ambiguous')),
  ]).toEqual([2, 5, 5, 10]);
});

test('an empty budget parks repeats until time has filled it, and fails none', async () => {
  const clock = virtualClock();
  const budget = createRetryBudget(clock);
  const spend = async (times: number): Promise<number> => {
    const begun = clock.monotonic();
    for (let n = 0; n < times; n += 1) await budget.spend(10, never);
    return clock.monotonic() - begun;
  };
  await clock.run(spend(10).then((ms) => expect(ms).toBe(0)));
  await clock.run(spend(2).then((ms) => expect(Math.round(ms / 1000)).toBe(120)));
});

test('a repeat that was answered costs nothing in the end', async () => {
  const clock = virtualClock();
  const budget = createRetryBudget(clock);
  const work = async (): Promise<void> => {
    for (let n = 0; n < 40; n += 1) {
      await budget.spend(10, never);
      budget.refund(10);
    }
  };
  await clock.run(work());
  expect(clock.monotonic()).toBe(0);
});

test('of many calls no more than a fifth are repeats, over five minutes', async () => {
  const clock = virtualClock();
  const budget = createRetryBudget(clock);
  for (let n = 0; n < 80; n += 1) budget.sending();
  const repeat = async (): Promise<void> => {
    await budget.spend(5, never);
    budget.refund(5);
  };
  const work = async (): Promise<void> => {
    for (let n = 0; n < 20; n += 1) await repeat();
  };
  await clock.run(work());
  expect(clock.monotonic()).toBe(0);
  await clock.run(repeat());
  expect(clock.monotonic()).toBeGreaterThan(200_000);
});
