import { expect, test } from 'vitest';

import { chooseLook, type Ripe } from '../../src/batch/chooseLook.ts';
import { outlook } from '../../src/batch/outlook.ts';

/** Jobs that take ten seconds, as far as is known. */
const TEN_SECONDS = Array.from({ length: 30 }, (_, index) => 9_800 + (index % 5) * 100);
/** Anything from two to twenty-one. */
const ANYTHING = Array.from({ length: 20 }, (_, index) => 2_000 + index * 1_000);

const ripe = (times: readonly number[], aliveMs: number, ageMs: number): Ripe => ({
  isDue: false,
  ...outlook(times, aliveMs, ageMs),
});

test('a job whose time is known is asked for by itself as soon as it has surely ended', () => {
  const young = [2_500, 5_000, 7_500].map((ageMs) => ripe(TEN_SECONDS, 0, ageMs));
  expect(chooseLook(young, true, false)).toEqual({ kind: 'ask', jobs: [] });
  const over = ripe(TEN_SECONDS, 0, 11_500);
  expect(chooseLook([...young, over], true, false)).toEqual({ kind: 'ask', jobs: [over] });
});

test('jobs of any length are looked for by one list, the sooner the more of them there are', () => {
  const listedAfter = (count: number): number => {
    for (let ms = 2_000; ; ms += 100) {
      const all = Array.from({ length: count }, () => ripe(ANYTHING, 6_000, 6_000 + ms));
      if (chooseLook(all, true, false).kind === 'list') return ms;
    }
  };
  expect(listedAfter(4)).toBeLessThan(5_000);
  expect(listedAfter(4)).toBeGreaterThan(2_000);
  expect(listedAfter(16)).toBe(2_000);
});

test('a list that tells ends takes the place of questions, and is read for jobs that may have ended', () => {
  const over = ripe(TEN_SECONDS, 0, 11_500);
  const others = [ripe(ANYTHING, 6_000, 8_500), ripe(ANYTHING, 6_000, 8_500)];
  expect(chooseLook([over, ...others], true, false)).toEqual({ kind: 'ask', jobs: [over] });
  expect(chooseLook([over, ...others], true, true)).toEqual({ kind: 'list' });
  expect(chooseLook([ripe(TEN_SECONDS, 0, 5_000)], true, true)).toEqual({ kind: 'ask', jobs: [] });
});

test('where no list is to be had each is asked for when its own time has come', () => {
  const all = [ripe(ANYTHING, 0, 3_000), ripe(ANYTHING, 0, 15_000)];
  expect(chooseLook(all, false, false)).toEqual({ kind: 'ask', jobs: [all[1]] });
});

test('a job that was left alone for as long as may be is asked for', () => {
  const due = { ...ripe(TEN_SECONDS, 0, 5_000), isDue: true };
  expect(chooseLook([due], false, false)).toEqual({ kind: 'ask', jobs: [due] });
});

test('what may have become of a job that takes longer than all others is never certain', () => {
  const { endedShare, unnoticedMs } = outlook(TEN_SECONDS, 30_000, 33_000);
  expect(endedShare).toBeGreaterThan(0.2);
  expect(endedShare).toBeLessThan(0.8);
  expect(unnoticedMs).toBeLessThan(3_000);
});
