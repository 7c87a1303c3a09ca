/** Part of a job's time that does not depend on the clip's length: queue, fetching, opening. */
const OVERHEAD_MS = 2_000;
/** Times per length before anything is known; they fade as observations come in. */
const PRIOR: readonly number[] = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2];
const PRIOR_COUNTS_BELOW = 20;
/** Fewer observations than this say nothing about a model's speed. */
const LEAST_KNOWN = 5;

/** When a job is likely to end, in milliseconds after its start. */
export interface Forecast {
  /** What others of its like took, shortest first. */
  readonly timesMs: readonly number[];
  /** Nine in ten have ended by then. */
  readonly latestMs: number;
  readonly p95Ms: number;
  /** It rests on what was observed, not on a guess. */
  readonly isLearned: boolean;
}

/**
 * Foresees a job's time from those of others of the same model.
 *
 * @param ratios what `timeRatio` made of the latest jobs
 * @param clipMs length of the clip in milliseconds
 */
export function forecast(ratios: readonly number[], clipMs: number): Forecast {
  const known = ratios.length < PRIOR_COUNTS_BELOW ? [...ratios, ...PRIOR] : [...ratios];
  known.sort((a, b) => a - b);
  const timesMs = known.map((ratio) => OVERHEAD_MS + ratio * clipMs);
  const timeAt = (share: number): number => quantile(timesMs, share);
  return {
    timesMs,
    latestMs: timeAt(0.9),
    p95Ms: timeAt(0.95),
    isLearned: ratios.length >= LEAST_KNOWN,
  };
}

/** A job's time as a multiple of its clip's length, comparable between clips. */
export function timeRatio(tookMs: number, clipMs: number): number {
  return Math.max(0, tookMs - OVERHEAD_MS) / Math.max(1, clipMs);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
