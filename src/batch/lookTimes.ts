import type { Forecast } from './forecast.ts';

/** Never sooner than this after a start, nor between two looks (vendor page: job status). */
export const LEAST_MS = 2_000;
/** Nor later than this after a look (the same page). */
export const SLOWEST_MS = 10_000;
/** A first look at a model of unknown speed is not put off longer (vendor page: workflow). */
const UNKNOWN_FIRST_MS = 5_000;
const STUCK_AFTER_MS = 600_000;
const STUCK_AFTER_LENGTHS = 20;
const STUCK_AFTER_P95 = 4;
export const STUCK_MS = 60_000;

/** Age at which a job is first looked at, at the latest, in milliseconds. */
export function firstLookMs({ latestMs, isLearned }: Forecast): number {
  return Math.max(LEAST_MS, isLearned ? latestMs : UNKNOWN_FIRST_MS);
}

/** A job that takes this long may be stuck; it is looked at rarely from then on. */
export function isStuck(ageMs: number, clipMs: number, { p95Ms }: Forecast): boolean {
  return ageMs > Math.max(STUCK_AFTER_MS, STUCK_AFTER_LENGTHS * clipMs, STUCK_AFTER_P95 * p95Ms);
}
