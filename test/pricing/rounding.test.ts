import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { credits, creditsFor, type BillingRounding } from '../../src/core/credits.ts';
import { learnRounding, type Charged } from '../../src/pricing/rounding.ts';

const RATE = credits(60);
const seconds = (value: number): number => Math.round(value * 1e6);

function billedAs(rounding: BillingRounding, durationsUs: readonly number[]): readonly Charged[] {
  return durationsUs.map((durationUs) => ({
    durationUs,
    rate: RATE,
    billed: creditsFor(durationUs, RATE, rounding),
  }));
}

describe('the rounding of billed time', () => {
  test('is the dearest until three bills tell it apart', () => {
    const odd = [2.5, 3.3, 61.2].map(seconds);
    expect(learnRounding([]).rounding).toBe('minute');
    expect(learnRounding(billedAs('exact', odd.slice(0, 2))).rounding).toBe('minute');
    for (const rounding of ['exact', 'second', 'minute'] as const) {
      expect(learnRounding(billedAs(rounding, odd)).rounding).toBe(rounding);
    }
  });

  test('is not learned from clips on which the roundings agree', () => {
    const whole = [1, 2, 3, 4].map(seconds);
    expect(learnRounding(billedAs('exact', whole))).toMatchObject({
      rounding: 'second',
      proofs: 4,
    });
    expect(learnRounding(billedAs('exact', [60, 120, 180].map(seconds))).proofs).toBe(0);
  });

  test('is taken back by one bill that exceeds it', () => {
    const odd = [2.5, 3.3, 61.2].map(seconds);
    const bills = [...billedAs('exact', odd), ...billedAs('second', [seconds(7.1)])];
    expect(learnRounding(bills).rounding).toBe('second');
  });

  test('forgives a frame and a bill rounded to the hundredth, and notices a minimum charge', () => {
    const odd = [20.5, 33.3, 61.2].map(seconds);
    const nearly = billedAs('exact', odd).map((bill) => ({
      ...bill,
      billed: credits(Math.ceil(bill.billed / 10_000) / 100),
    }));
    expect(learnRounding(nearly).rounding).toBe('exact');
    const minimum = [{ durationUs: seconds(1), rate: RATE, billed: credits(100) }];
    expect(learnRounding(minimum)).toMatchObject({ rounding: 'minute', exceeded: true });
  });

  test('never promises less than a service that keeps to one rounding will charge', () => {
    const duration = fc.integer({ min: 1, max: 300_000_000 });
    const rounding = fc.constantFrom('exact', 'second', 'minute' as const);
    fc.assert(
      fc.property(rounding, fc.array(duration, { maxLength: 20 }), (actual, durations) => {
        const learned = learnRounding(billedAs(actual, durations));
        const dearness = ['exact', 'second', 'minute'];
        return (
          dearness.indexOf(learned.rounding) >= dearness.indexOf(actual) || learned.proofs >= 3
        );
      }),
    );
  });
});
