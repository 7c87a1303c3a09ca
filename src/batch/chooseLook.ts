import type { Outlook } from './outlook.ts';

/**
 * A request that brings nothing is made to spare this much time in which ends go unnoticed: what
 * keeps both the requests a job costs and the time until its end is noticed low (bench/RESULTS.md).
 */
const REQUEST_MS = 1_000;

/** A job that may be looked at. */
export interface Ripe extends Outlook {
  /** It was left alone for as long as may be. */
  readonly isDue: boolean;
}

/** Whom to ask for: the jobs named, or all of them by one list. */
export type Look<T> =
  { readonly kind: 'ask'; readonly jobs: readonly T[] } | { readonly kind: 'list' };

/**
 * Weighs what a look spares against what it costs. A question is wasted on a job that goes on, and
 * needed for one that has ended; a list is one request more for all.
 */
export function chooseLook<T extends Ripe>(ripe: readonly T[], isListGood: boolean): Look<T> {
  const gainMs = (job: T): number => job.unnoticedMs - REQUEST_MS * (1 - job.endedShare);
  const jobs = ripe.filter((job) => job.isDue || gainMs(job) > 0);
  const askingMs = sum(jobs.map(gainMs));
  const listingMs = sum(ripe.map(({ unnoticedMs }) => unnoticedMs)) - REQUEST_MS;
  const isWorthIt = jobs.length > 0 || listingMs > 0;
  return isListGood && isWorthIt && listingMs > askingMs ? { kind: 'list' } : { kind: 'ask', jobs };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
