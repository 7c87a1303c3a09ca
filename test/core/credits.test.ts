import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  credits,
  creditsFor,
  formatCredits,
  sumCredits,
  toNumber,
} from '../../src/core/credits.ts';

describe('credits', () => {
  test('follow the vendor table: a 12.4 s clip costs 12.4, 9.3, 37.2 and 9.3 credits', () => {
    const costs = [60, 45, 180, 45].map((rate) =>
      toNumber(creditsFor(12_400_000, credits(rate), 'exact')),
    );
    expect(costs).toEqual([12.4, 9.3, 37.2, 9.3]);
  });

  test('sum without drift over many clips', () => {
    const tenth = creditsFor(100_000, credits(60), 'exact');
    expect(toNumber(sumCredits(Array.from({ length: 10_000 }, () => tenth)))).toBe(1000);
  });

  test('show what rounding to started seconds and minutes would cost', () => {
    const us = 61_200_000;
    expect(toNumber(creditsFor(us, credits(45), 'exact'))).toBe(45.9);
    expect(toNumber(creditsFor(us, credits(45), 'second'))).toBe(46.5);
    expect(toNumber(creditsFor(us, credits(45), 'minute'))).toBe(90);
  });

  test('never get cheaper by rounding, and never by a longer clip', () => {
    const duration = fc.integer({ min: 0, max: 36_000_000_000 });
    const rate = fc.integer({ min: 1, max: 1_000_000_000 }).map((micro) => credits(micro / 1e6));
    fc.assert(
      fc.property(duration, duration, rate, (a, b, perMinute) => {
        const [short, long] = a < b ? [a, b] : [b, a];
        const exact = creditsFor(long, perMinute, 'exact');
        expect(creditsFor(short, perMinute, 'exact')).toBeLessThanOrEqual(exact);
        expect(creditsFor(long, perMinute, 'second')).toBeGreaterThanOrEqual(exact);
        expect(creditsFor(long, perMinute, 'minute')).toBeGreaterThanOrEqual(
          creditsFor(long, perMinute, 'second'),
        );
      }),
    );
  });

  test('are shown with no more digits than they need, rounded up', () => {
    expect(formatCredits(credits(3))).toBe('3');
    expect(formatCredits(credits(2.25))).toBe('2.25');
    expect(formatCredits(credits(0.733_333))).toBe('0.7334');
    expect(formatCredits(credits(12_345.5))).toBe('12,345.5');
  });
});
