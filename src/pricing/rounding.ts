import { credits, creditsFor, type BillingRounding, type Credits } from '../core/credits.ts';

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
/** A service may measure a clip by a frame, or round a bill to the hundredth. */
const TOLERANCE = 0.01;

const DEARER = { exact: 'second', second: 'minute' } as const;

/**
 * Learns the rounding of billed time by comparing charges with durations. Clips whose length is a
 * whole number of steps prove nothing, since both roundings cost the same.
 */
export function learnRounding(charges: readonly Charged[]): LearnedRounding {
  const under = ({ durationUs, rate, billed }: Charged, rounding: BillingRounding): boolean =>
    billed <= withTolerance(creditsFor(durationUs, rate, rounding));
  const exceeded = charges.some((charge) => !under(charge, 'minute'));
  for (const rounding of ['exact', 'second'] as const) {
    if (!charges.every((charge) => under(charge, rounding))) continue;
    const proofs = charges.filter(
      ({ durationUs, rate }) =>
        creditsFor(durationUs, rate, DEARER[rounding]) >
        withTolerance(creditsFor(durationUs, rate, rounding)),
    ).length;
    if (proofs >= LEAST_PROOFS) return { rounding, proofs, exceeded };
  }
  return { rounding: 'minute', proofs: 0, exceeded };
}

/** The amount and a little more, as much as a bill may differ without meaning anything. */
function withTolerance(amount: Credits): Credits {
  return Math.max(amount + credits(TOLERANCE), Math.round(amount * (1 + TOLERANCE))) as Credits;
}
