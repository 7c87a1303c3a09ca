import type { Forecast } from './forecast.ts';

/** Never sooner than this after a start, nor between two looks (vendor page: job status). */
export const LEAST_MS = 2_000;
const SLOWEST_MS = 10_000;
/** A first look at a model of unknown speed is not put off longer (vendor page: workflow). */
const UNKNOWN_FIRST_MS = 5_000;
/** Looks spread over the time in which most jobs end. */
const LOOKS = 8;
const LATE_LEAST_MS = 5_000;
const LATE_SHARE = 0.1;

const STUCK_AFTER_MS = 600_000;
const STUCK_AFTER_LENGTHS = 20;
const STUCK_AFTER_P95 = 4;
export const STUCK_MS = 60_000;

/** Age at which a job is first looked at, in milliseconds. */
export function firstLookMs({ earliestMs, isLearned }: Forecast): number {
  return Math.max(LEAST_MS, isLearned ? earliestMs : Math.min(earliestMs, UNKNOWN_FIRST_MS));
}

/** Time until the next look at a job of this age that is asked for by itself. */
export function lookIntervalMs(ageMs: number, { earliestMs, latestMs }: Forecast): number {
  if (ageMs < latestMs) return clamp((latestMs - earliestMs) / LOOKS, LEAST_MS, SLOWEST_MS);
  return clamp(ageMs * LATE_SHARE, LATE_LEAST_MS, SLOWEST_MS);
}

/** A job that takes this long may be stuck; it is looked at rarely from then on. */
export function isStuck(ageMs: number, clipMs: number, { p95Ms }: Forecast): boolean {
  return ageMs > Math.max(STUCK_AFTER_MS, STUCK_AFTER_LENGTHS * clipMs, STUCK_AFTER_P95 * p95Ms);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
