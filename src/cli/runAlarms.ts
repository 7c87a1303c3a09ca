import type { Ledger } from '../ledger/ledger.ts';
import type { RunBill } from '../ledger/spend.ts';
import { compareWithBaseline, type ModelTrend } from '../pricing/baseline.ts';

/** From where on a departure from the days before is pointed out, as a share. */
export const DEFAULT_DEVIATION = 0.2;
/** Days that a run or the last days are held against. */
export const DEFAULT_BASELINE_DAYS = 30;

const DAY_MS = 86_400_000;

/** What makes a run end in exit 9, as shares: 0.05 is 5 %. */
export interface AlarmLimits {
  /** Between bills and estimates. */
  readonly failOnDrift?: number;
  /** Between this run and the days before it. */
  readonly failOnDeviation?: number;
}

/**
 * Holds what has been started since a moment against the days before it, by rbgv's own books.
 *
 * @param since milliseconds since the epoch
 */
export function trendsSince(
  since: number,
  days: number,
  limit: number,
  scope: string,
  ledger: Ledger,
): readonly ModelTrend[] {
  const jobs = ledger.bookedJobs(scope, since - days * DAY_MS);
  return compareWithBaseline(
    jobs.filter((job) => job.startedAt >= since),
    jobs.filter((job) => job.startedAt < since),
    limit,
  );
}

/**
 * What a person should know about a run's spending, and whether it breaks a limit that was set.
 *
 * @param begunAt milliseconds since the epoch
 */
export function runAlarms(
  { failOnDrift, failOnDeviation }: AlarmLimits,
  { billed, estimated, billedJobs }: RunBill,
  begunAt: number,
  scope: string,
  ledger: Ledger,
): { readonly lines: readonly string[]; readonly fails: boolean } {
  const drift = billedJobs === 0 ? 0 : Math.abs(billed - estimated);
  const drifts = failOnDrift !== undefined && drift > failOnDrift * estimated;
  const limit = failOnDeviation ?? DEFAULT_DEVIATION;
  const trends = trendsSince(begunAt, DEFAULT_BASELINE_DAYS, limit, scope, ledger);
  const found = trends.flatMap(({ model, deviations }) =>
    deviations.map((what) => `${what} of \`${model}\``),
  );
  const words = `${found.join(', ')}: not as in the ${DEFAULT_BASELINE_DAYS} days before`;
  return {
    lines: [
      ...(drifts ? ['bills drift from the estimates by more than was allowed'] : []),
      ...(found.length > 0 ? [`warning: ${words}; see rbgv usage --baseline 30`] : []),
    ],
    fails: drifts || (failOnDeviation !== undefined && found.length > 0),
  };
}
