import { totalCredits, type Charge } from './charge.ts';
import type { Job } from './job.ts';

/** Answer of `GET /v1/usage/summary`. A job counts on the day of its first start. */
export interface UsageSummary {
  readonly days: number;
  readonly total_jobs: number;
  readonly completed_jobs: number;
  readonly failed_jobs: number;
  /** Charges less refunds made on these days. */
  readonly credits_used: number;
  readonly daily: readonly {
    readonly date: string;
    readonly jobs: number;
    readonly credits_used: number;
  }[];
}

const DAY_MS = 86_400_000;

/**
 * Sums up the last days, today among them. Drafts are no use of the service and count nowhere.
 *
 * @param nowMs milliseconds since the epoch
 * @param days 1 or more
 * @param offsetHours how far east of UTC the days begin
 */
export function summarise(
  jobs: readonly Job[],
  charges: readonly Charge[],
  nowMs: number,
  days: number,
  offsetHours: number,
): UsageSummary {
  const dateOf = (ms: number): string =>
    new Date(ms + offsetHours * 3_600_000).toISOString().slice(0, 10);
  const dates = Array.from({ length: days }, (_, index) => dateOf(nowMs - index * DAY_MS));
  const dayOf = (stamp: string | undefined): string =>
    stamp === undefined ? '' : dateOf(Date.parse(stamp));
  const startedOn = byDay(jobs, (job) => dayOf(job.startedAt));
  const chargedOn = byDay(charges, (charge) => dayOf(charge.at));
  const started = dates.flatMap(startedOn);
  const ended = (status: Job['state']['status']): number =>
    started.filter((job) => job.state.status === status).length;
  return {
    days,
    total_jobs: started.length,
    completed_jobs: ended('completed'),
    failed_jobs: ended('failed'),
    credits_used: totalCredits(dates.flatMap(chargedOn)),
    daily: dates.map((date) => ({
      date,
      jobs: startedOn(date).length,
      credits_used: totalCredits(chargedOn(date)),
    })),
  };
}

/** Looks up entries by their day; those whose day is the empty text are on none. */
function byDay<Entry>(
  entries: readonly Entry[],
  dayOf: (entry: Entry) => string,
): (date: string) => readonly Entry[] {
  const days = new Map<string, Entry[]>();
  for (const entry of entries) {
    const date = dayOf(entry);
    const day = days.get(date);
    if (day === undefined) days.set(date, [entry]);
    else day.push(entry);
  }
  return (date) => days.get(date) ?? [];
}
