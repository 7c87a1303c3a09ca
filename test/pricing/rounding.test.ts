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

  test('covers a bill that is dearer by a hair, and a minimum charge is told', () => {
    const odd = [20.501, 33.303, 61.207].map(seconds);
    const toTheHundredth = billedAs('exact', odd).map((bill) => ({
      ...bill,
      billed: credits(Math.ceil(bill.billed / 10_000) / 100),
    }));
    expect(learnRounding(toTheHundredth).rounding).toBe('second');
    const minimum = [{ durationUs: seconds(1), rate: RATE, billed: credits(100) }];
    expect(learnRounding(minimum)).toMatchObject({ rounding: 'minute', exceeded: true });
  });

  test('covers every bill that was seen', () => {
    const charge = fc.record({
      durationUs: fc.integer({ min: 1, max: 300_000_000 }),
      rate: fc.constantFrom(credits(45), credits(180)),
      rounding: fc.constantFrom('exact', 'second', 'minute' as const),
    });
    fc.assert(
      fc.property(fc.array(charge, { maxLength: 20 }), (charges) => {
        const bills = charges.map(({ durationUs, rate, rounding }) => ({
          durationUs,
          rate,
          billed: creditsFor(durationUs, rate, rounding),
        }));
        const { rounding } = learnRounding(bills);
        return bills.every(
          (bill) => bill.billed <= creditsFor(bill.durationUs, bill.rate, rounding),
        );
      }),
    );
  });
});
