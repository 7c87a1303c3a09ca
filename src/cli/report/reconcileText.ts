import { formatCredits, toNumber, type Credits } from '../../core/credits.ts';
import type { ModelTrend } from '../../pricing/baseline.ts';
import type { Difference, DifferenceKind } from '../../pricing/reconcile.ts';
import type { UsageCheck } from '../reconcileUsage.ts';
import { percentText, roundingText } from './costText.ts';
import { counted } from './estimateText.ts';
import { formatTable } from './table.ts';

const WORDS: Readonly<Record<DifferenceKind, string>> = {
  charge_differs: 'charged otherwise than estimated',
  charged_more_than_once: 'charged more than once',
  failed_and_charged: 'failed, charged and not refunded',
  not_in_job_list: "not in the service's list",
  not_in_ledger: 'started by something else, or by another ledger',
  totals_differ: "the service's sum for these days",
};

/** The comparison for people: differences first, then what each source covers. */
export function reconcileText(check: UsageCheck): string {
  const { differences, jobs, bills, events, listed, totals, drift } = check;
  const table =
    differences.length === 0
      ? 'no differences'
      : formatTable(
          [
            { title: 'difference' },
            { title: 'job' },
            { title: 'expected', align: 'right' },
            { title: 'billed', align: 'right' },
          ],
          differences.map(({ kind, jobId, expected, billed }) => [
            WORDS[kind],
            jobId ?? '-',
            amountText(expected),
            amountText(billed),
          ]),
        );
  return [
    table,
    '',
    `bills: ${bills.size} of ${counted(jobs, 'job')}, ${formatCredits(check.billed)} credits, ` +
      `${formatCredits(check.estimatedOfBilled)} estimated; drift ${percentText(drift)}`,
    `rounding: ${roundingText(check.rounding)}`,
    `sources: usage summary (${amountText(totals.credits)} credits; at most 90 days, its days may ` +
      `begin at another hour than UTC's), ${counted(events, 'usage event')} (the service gives at ` +
      `most 100), ${counted(listed, 'listed job')} (of this key alone)`,
  ].join('\n');
}

function amountText(amount: Credits | undefined): string {
  return amount === undefined ? 'not said' : formatCredits(amount);
}

/** The comparison as data. */
export function reconcileJson(check: UsageCheck): unknown {
  const { rounding, totals } = check;
  return {
    jobs: check.jobs,
    bills: check.bills.size,
    billed_credits: toNumber(check.billed),
    estimated_credits_of_billed: toNumber(check.estimatedOfBilled),
    drift: Number.isFinite(check.drift) ? check.drift : null,
    rounding: rounding.rounding,
    rounding_proofs: rounding.proofs,
    exceeds_started_minute: rounding.exceeded,
    sources: {
      summary_credits: totals.credits === undefined ? null : toNumber(totals.credits),
      events: check.events,
      listed_jobs: check.listed,
    },
    differences: check.differences.map(differenceJson),
  };
}

function differenceJson({ kind, jobId, expected, billed }: Difference): unknown {
  return {
    kind,
    job_id: jobId ?? null,
    expected_credits: expected === undefined ? null : toNumber(expected),
    billed_credits: billed === undefined ? null : toNumber(billed),
  };
}

/** Now against before, a model a line; deviations are marked. */
export function baselineText(trends: readonly ModelTrend[], days: number, before: number): string {
  if (trends.length === 0) return `nothing was paid in the last ${counted(days, 'day')}`;
  const percent = (rate: number): string => `${Math.round(rate * 1000) / 10} %`;
  return formatTable(
    [
      { title: `last ${counted(days, 'day')}, against ${before} before` },
      { title: 'jobs', align: 'right' },
      { title: 'credits/min', align: 'right' },
      { title: 'before', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'before', align: 'right' },
      { title: '' },
    ],
    trends.map(({ model, now, before: base, deviations }) => [
      model,
      String(now.jobs),
      formatCredits(now.creditsPerMinute),
      base === undefined ? '-' : formatCredits(base.creditsPerMinute),
      percent(now.failureRate),
      base === undefined ? '-' : percent(base.failureRate),
      base === undefined
        ? 'too few jobs before'
        : deviations.map((what) => `${what} deviate`).join(', '),
    ]),
  );
}

export function baselineJson(trends: readonly ModelTrend[]): unknown {
  const rates = (of: ModelTrend['now']): unknown => ({
    jobs: of.jobs,
    credits_per_minute: toNumber(of.creditsPerMinute),
    failure_rate: of.failureRate,
  });
  return trends.map(({ model, now, before, deviations }) => ({
    model,
    now: rates(now),
    before: before === undefined ? null : rates(before),
    deviations,
  }));
}
