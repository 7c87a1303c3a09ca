import { creditsFor, type BillingRounding, type Credits } from '../core/credits.ts';

/** A charge whose clip is known. */
export interface Charged {
  /** Microseconds. */
  readonly durationUs: number;
  /** Credits a minute. */
  readonly rate: Credits;
  readonly billed: Credits;
}

/** What a service's bills say about how it rounds billed time. */
export interface LearnedRounding {
  /**
   * The least that no bill exceeds and that enough bills tell apart from the next dearer; `minute`,
   * the dearest that the vendor's pages leave open, until then.
   */
  readonly rounding: BillingRounding;
  /** Bills that prove it; 0 while nothing is proved. */
  readonly proofs: number;
  /** Some bill is above even the started minute: the worst case is not the worst. */
  readonly exceeded: boolean;
}

/** Fewer may be a coincidence. */
const LEAST_PROOFS = 3;

const DEARER = { exact: 'second', second: 'minute' } as const;

/**
 * Learns the rounding of billed time by comparing charges with durations. Clips whose length is a
 * whole number of steps prove nothing, since both roundings cost the same. No tolerance: a bill
 * that is dearer by a hair, for whatever reason, is not covered by the cheaper rounding.
 */
export function learnRounding(charges: readonly Charged[]): LearnedRounding {
  const amount = ({ durationUs, rate }: Charged, rounding: BillingRounding): Credits =>
    creditsFor(durationUs, rate, rounding);
  const exceeded = charges.some((charge) => charge.billed > amount(charge, 'minute'));
  for (const rounding of ['exact', 'second'] as const) {
    if (!charges.every((charge) => charge.billed <= amount(charge, rounding))) continue;
    const proofs = charges.filter(
      (charge) => amount(charge, rounding) < amount(charge, DEARER[rounding]),
    ).length;
    if (proofs >= LEAST_PROOFS) return { rounding, proofs, exceeded };
  }
  return { rounding: 'minute', proofs: 0, exceeded };
}
