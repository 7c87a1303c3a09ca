import { ApiError } from '../api/apiError.ts';
import type { JobView } from '../core/jobView.ts';
import type { BatchDeps } from './deps.ts';

const FIRST_INTERVAL_MS = 2_000;
const LONGEST_INTERVAL_MS = 10_000;
const GROWTH = 1.5;
/** A job that takes this long, or this many times its own length, may be stuck: look rarely. */
const STUCK_AFTER_MS = 600_000;
const STUCK_AFTER_LENGTHS = 20;
const STUCK_INTERVAL_MS = 60_000;
/** Answers `not found` in a row before a started job counts as lost. */
const MISSES = 3;

export type WaitResult =
  | { readonly kind: 'completed'; readonly view: JobView }
  | { readonly kind: 'failed'; readonly view: JobView }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'lost' };

/**
 * Polls a started job until it is completed or failed: every 2 s at first, growing to 10 s (vendor
 * page: job status). Refusals and outages never end the wait, only the deadline does; an unknown
 * status word means "not yet".
 *
 * @param clipMs length of the clip in milliseconds
 *
 * @throws ApiError when the key is refused; the signal's reason when aborted
 */
export async function waitForJob(
  jobId: string,
  clipMs: number,
  onProgress: (fraction: number) => void,
  deps: BatchDeps,
): Promise<WaitResult> {
  const begun = deps.clock.monotonic();
  const deadline = begun + deps.jobTimeoutMs;
  const stuckAt = begun + Math.max(STUCK_AFTER_MS, STUCK_AFTER_LENGTHS * clipMs);
  let interval = FIRST_INTERVAL_MS;
  let misses = 0;
  for (;;) {
    const left = deadline - deps.clock.monotonic();
    if (left <= 0) return { kind: 'timeout' };
    await deps.clock.sleep(Math.min(interval, left), deps.signal);
    const longest = deps.clock.monotonic() < stuckAt ? LONGEST_INTERVAL_MS : STUCK_INTERVAL_MS;
    interval = Math.min(longest, interval * GROWTH);
    try {
      const view = await deps.api.getJob(jobId, deps.signal);
      misses = 0;
      if (view.status === 'failed') return { kind: 'failed', view };
      if (view.status === 'completed') return { kind: 'completed', view };
      if (view.progress !== undefined) onProgress(view.progress / 100);
    } catch (error) {
      if (!(error instanceof ApiError) || error.isAuthFailure) throw error;
      if (error.status === 404) {
        misses += 1;
        if (misses === MISSES) return { kind: 'lost' };
      } else if (!error.isTransient) {
        throw error;
      }
    }
  }
}
