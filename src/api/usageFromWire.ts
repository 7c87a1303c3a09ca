import type { Credits } from '../core/credits.ts';
import type { UsageEvent, UsageTotals } from '../core/usage.ts';
import { creditsIn, safeJobId, timeIn } from './jobViewFromWire.ts';

/**
 * What can be understood of `GET /v1/usage/events`, whose shape is documented nowhere: entries that
 * name a job and an amount.
 */
export function usageEventsFrom(answer: unknown): readonly UsageEvent[] {
  return entriesOf(answer).flatMap((entry) => {
    const jobId = safeJobId({ id: entry['job_id'] });
    const amount = creditsIn(entry);
    return jobId === undefined || amount === undefined
      ? []
      : [{ jobId, amount, at: timeIn(entry) }];
  });
}

/** Every entry of an answer that is a list or holds one. */
function entriesOf(answer: unknown): readonly Readonly<Record<string, unknown>>[] {
  const list = Array.isArray(answer)
    ? answer
    : Object.values(isObject(answer) ? answer : {}).find((value) => Array.isArray(value));
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/**
 * The totals of `GET /v1/usage/summary`: at the top, in an object of their own, or as the sum of
 * daily figures; each `undefined` when the answer does not say.
 */
export function usageTotalsFrom(answer: unknown): UsageTotals {
  const top = isObject(answer) ? answer : {};
  const own = isObject(top['totals']) ? top['totals'] : top;
  const number = (name: string): number | undefined =>
    typeof own[name] === 'number' ? own[name] : undefined;
  const used = creditsIn(own);
  if (used === undefined && number('total_jobs') === undefined) {
    return totalsOfDays(entriesOf(answer));
  }
  return {
    jobs: number('total_jobs'),
    completed: number('completed_jobs'),
    failed: number('failed_jobs'),
    credits: used,
  };
}

function totalsOfDays(days: readonly Readonly<Record<string, unknown>>[]): UsageTotals {
  const sum = (values: readonly (number | undefined)[]): number | undefined =>
    values.length === 0 || values.includes(undefined)
      ? undefined
      : values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const jobs = days.map(({ jobs: count }) => (typeof count === 'number' ? count : undefined));
  return {
    jobs: sum(jobs),
    completed: undefined,
    failed: undefined,
    credits: sum(days.map(creditsIn)) as Credits | undefined,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
