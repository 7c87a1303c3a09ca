import type { Credits } from './credits.ts';

/** One entry of the service's usage events, as far as it can be understood. */
export interface UsageEvent {
  readonly jobId: string;
  /** Negative for a refund. */
  readonly amount: Credits;
  /** Milliseconds since the epoch; `undefined` when not said. */
  readonly at: number | undefined;
}

/** The service's own sums; `undefined` where it does not say. */
export interface UsageTotals {
  readonly jobs: number | undefined;
  readonly completed: number | undefined;
  readonly failed: number | undefined;
  readonly credits: Credits | undefined;
}

/** What the service charged for one job. */
export interface Bill {
  /** Charges less refunds. */
  readonly net: Credits;
  /** Charges above zero: more than one may be a double charge. */
  readonly charges: number;
}

/**
 * The bills that events tell of. A job without a charge above zero has none: entries that cost
 * nothing prove nothing, they may be about calls.
 */
export function billsFrom(events: readonly UsageEvent[]): ReadonlyMap<string, Bill> {
  const bills = new Map<string, Bill>();
  for (const { jobId, amount } of events) {
    const { net, charges } = bills.get(jobId) ?? { net: 0, charges: 0 };
    bills.set(jobId, {
      net: (net + amount) as Credits,
      charges: charges + (amount > 0 ? 1 : 0),
    });
  }
  for (const [jobId, bill] of bills) {
    if (bill.charges === 0 || bill.net < 0) bills.delete(jobId);
  }
  return bills;
}
