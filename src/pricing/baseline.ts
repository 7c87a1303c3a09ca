import { sumCredits, type Credits } from '../core/credits.ts';
import type { BookEntry } from './reconcile.ts';

/** One model's figures, now and before. */
export interface ModelTrend {
  readonly model: string;
  readonly now: Rates;
  /** `undefined` when too little was done before to compare with. */
  readonly before: Rates | undefined;
  readonly deviations: readonly ('spend' | 'failures')[];
}

export interface Rates {
  readonly jobs: number;
  /** Credits for a minute of video, bills where they are known. */
  readonly creditsPerMinute: Credits;
  /** 0..1, of the jobs that have ended. */
  readonly failureRate: number;
}

/** Fewer jobs make no baseline. */
const LEAST_JOBS = 5;
/** A failure rate departs when chance explains it less than about once in twenty. */
const LEAST_Z = 2;

/**
 * Holds the last days against the days before them, model by model, so that another mix of models
 * is no deviation.
 *
 * @param limit how far spending may depart, as a share, and the failure rate, in hundredths
 */
export function compareWithBaseline(
  now: readonly BookEntry[],
  before: readonly BookEntry[],
  limit: number,
): readonly ModelTrend[] {
  const models = [...new Set(now.map((entry) => entry.model))].sort();
  return models.map((model) => {
    const of = (entries: readonly BookEntry[]): readonly BookEntry[] =>
      entries.filter((entry) => entry.model === model);
    const rates = ratesOf(of(now));
    const earlier = of(before);
    if (earlier.length < LEAST_JOBS) {
      return { model, now: rates, before: undefined, deviations: [] };
    }
    const base = ratesOf(earlier);
    const deviations = [
      ...(spendDeparts(rates, base, limit) ? (['spend'] as const) : []),
      ...(failuresDepart(rates, base, limit) ? (['failures'] as const) : []),
    ];
    return { model, now: rates, before: base, deviations };
  });
}

function ratesOf(entries: readonly BookEntry[]): Rates {
  const minutes = entries.reduce((sum, entry) => sum + entry.durationUs, 0) / 60e6;
  const spent = sumCredits(entries.map((entry) => entry.billed ?? entry.estimate));
  const failed = entries.filter((entry) => entry.state === 'failed').length;
  return {
    jobs: entries.length,
    creditsPerMinute: (minutes === 0 ? 0 : Math.round(spent / minutes)) as Credits,
    failureRate: entries.length === 0 ? 0 : failed / entries.length,
  };
}

function spendDeparts(now: Rates, before: Rates, limit: number): boolean {
  return Math.abs(now.creditsPerMinute - before.creditsPerMinute) > before.creditsPerMinute * limit;
}

/** Two proportions with a common variance; one failure among three jobs is no alarm. */
function failuresDepart(now: Rates, before: Rates, limit: number): boolean {
  const difference = now.failureRate - before.failureRate;
  const jobs = now.jobs + before.jobs;
  const pooled = (now.failureRate * now.jobs + before.failureRate * before.jobs) / jobs;
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / now.jobs + 1 / before.jobs));
  return difference > limit && difference > LEAST_Z * deviation;
}
