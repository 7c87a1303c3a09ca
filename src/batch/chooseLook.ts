import type { Outlook } from './outlook.ts';

/**
 * A request that brings nothing is made to spare this much time in which ends go unnoticed: what
 * keeps both the requests a job costs and the time until its end is noticed low (bench/RESULTS.md).
 */
const REQUEST_MS = 1_000;
/** The same where a list tells ends: fewer requests are needed there, so that more can be spared. */
const TOLD_REQUEST_MS = 600;

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
 * needed for one that has ended; a list is one request more for all, and where it tells ends it
 * spares the questions for those that have ended.
 */
export function chooseLook<T extends Ripe>(
  ripe: readonly T[],
  isListGood: boolean,
  tellsEnds: boolean,
): Look<T> {
  const requestMs = tellsEnds ? TOLD_REQUEST_MS : REQUEST_MS;
  const gainMs = (job: T): number => job.unnoticedMs - requestMs * (1 - job.endedShare);
  const jobs = ripe.filter((job) => job.isDue || gainMs(job) > 0);
  const askingMs = sum(jobs.map(gainMs));
  const questionMs = tellsEnds ? requestMs : 0;
  const sparedMs = sum(ripe.map((job) => job.unnoticedMs + questionMs * job.endedShare));
  const listingMs = sparedMs - requestMs;
  const isWorthIt = jobs.length > 0 || listingMs > 0;
  return isListGood && isWorthIt && listingMs > askingMs ? { kind: 'list' } : { kind: 'ask', jobs };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
