import type { Outlook } from './outlook.ts';

/**
 * A request that brings nothing is made to spare this much time in which ends go unnoticed: what
 * keeps both the requests a job costs and the time until its end is noticed low (bench/RESULTS.md).
 */
const REQUEST_MS = 1_000;
/** The same where one list tells all ends: fewer requests are needed, and more of them are to be had. */
const TOLD_REQUEST_MS = 500;

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
 *
 * @param tellsEnds as far as is known; until an end has shown it, the best is hoped for
 */
export function chooseLook<T extends Ripe>(
  ripe: readonly T[],
  isListGood: boolean,
  tellsEnds: boolean,
): Look<T> {
  const isTold = isListGood && tellsEnds;
  const requestMs = isTold ? TOLD_REQUEST_MS : REQUEST_MS;
  // Where ends are told, no request but one that tells them is needed; else a question for each is.
  const gainMs = (job: T): number => job.unnoticedMs + (isTold ? requestMs * job.endedShare : 0);
  const costMs = (job: T): number => requestMs * (isTold ? 1 : 1 - job.endedShare);
  const isAsked = (job: T): boolean => job.isDue || gainMs(job) > costMs(job);
  const jobs = ripe.filter(isAsked);
  const others = ripe.filter((job) => !isAsked(job));
  const listingMs = sum(jobs.map(costMs)) + sum(others.map(gainMs)) - requestMs;
  return isListGood && listingMs > 0 ? { kind: 'list' } : { kind: 'ask', jobs };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
