/**
 * An exact amount of credits: an integer number of millionths. Amounts are added as integers and
 * never as floating-point credits, so a thousand clips sum to the cent. Safe up to nine billion
 * credits.
 */
export type Credits = number & { readonly __unit: 'millionths of a credit' };

const PER_CREDIT = 1_000_000;

/** Credits from a number of whole or fractional credits, rounded to the nearest millionth. */
export function credits(amount: number): Credits {
  return Math.round(amount * PER_CREDIT) as Credits;
}

export const NO_CREDITS = credits(0);

export function sumCredits(amounts: Iterable<Credits>): Credits {
  let total = 0;
  for (const amount of amounts) total += amount;
  return total as Credits;
}

/** The amount as a plain number of credits, for JSON and CSV. */
export function toNumber(amount: Credits): number {
  return amount / PER_CREDIT;
}

/**
 * The amount for people: at least as much as it is, with as few digits as that allows (`3`, `2.25`,
 * `0.7334`). Rounds up at the fourth decimal so that no sum looks smaller than it is.
 */
export function formatCredits(amount: Credits): string {
  const rounded = Math.ceil(amount / 100) / 10_000;
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 4, useGrouping: true });
}

/**
 * How billed time may be rounded. The vendor states credits per minute of billed video and leaves
 * the rounding open, so rbgv shows the range instead of a false precision.
 */
export type BillingRounding = 'exact' | 'second' | 'minute';

const STEP_US: Readonly<Record<BillingRounding, number>> = {
  exact: 1,
  second: 1_000_000,
  minute: 60_000_000,
};

/**
 * What a clip costs (vendor page: credits; duration times rate over 60).
 *
 * @param durationUs microseconds of video, a non-negative integer
 * @param perMinute the model's rate, credits a minute
 * @param rounding the time is rounded up to this step first
 * @returns rounded up to the next millionth
 */
export function creditsFor(
  durationUs: number,
  perMinute: Credits,
  rounding: BillingRounding,
): Credits {
  const step = STEP_US[rounding];
  const billedUs = BigInt(Math.ceil(durationUs / step) * step);
  const minuteUs = 60_000_000n;
  return Number((billedUs * BigInt(perMinute) + minuteUs - 1n) / minuteUs) as Credits;
}
