import { retryDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import type { JobView } from '../core/jobView.ts';
import type { Api } from './api.ts';
import { ApiError } from './apiError.ts';
import { attempts } from './exchangeRecord.ts';
import { findCreated } from './findCreated.ts';
import { createRetryBudget, retryCost } from './retryBudget.ts';

/** How often each call is tried in all; the paid start is not in this table on purpose. */
const TRIES = { upload: 3, createDraft: 5, read: 5, openOutput: 3 } as const;
/** Refusals with 429 are no failures: the shared rate spaces them. Some twenty minutes of them. */
const MOST_REFUSALS = 100;

interface RetryOptions<T> {
  readonly mostRefusals?: number;
  /** Looks for what an earlier, unclear try may have made. */
  readonly find?: () => Promise<T | undefined>;
  /** A 429 that was not the documented one may have carried it out: counts as any failure. */
  readonly onlyDefinite?: boolean;
}

/**
 * The program's one retry loop, around every call that is free to repeat. `startJob` passes
 * through untouched. All repeats of the process are paid from one budget.
 */
export function withRetries(
  api: Api,
  deps: { readonly clock: Clock; readonly random: () => number; readonly report: Report },
): Api {
  const budget = createRetryBudget(deps.clock);

  async function retry<T>(
    what: string,
    tries: number,
    signal: AbortSignal,
    call: () => Promise<T>,
    { mostRefusals = MOST_REFUSALS, find, onlyDefinite = false }: RetryOptions<T> = {},
  ): Promise<T> {
    let failures = 0;
    let refusals = 0;
    let owed = 0;
    let unclear = false;
    budget.sending();
    for (;;) {
      try {
        const answer = await attempts.run(
          failures + refusals + 1,
          async () => (unclear ? await find?.() : undefined) ?? (await call()),
        );
        if (owed > 0) budget.refund(owed);
        else budget.earn();
        return answer;
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isTransient || signal.aborted) throw error;
        const isRefusal = error.status === 429 && !(onlyDefinite && error.outcome !== 'definite');
        if (isRefusal) refusals += 1;
        else failures += 1;
        if (failures >= tries || refusals >= mostRefusals) throw error;
        const delayMs = retryDelayMs(failures + refusals, error.retryAfterMs, deps.random);
        const { message: reason, requestId } = error;
        deps.report({ type: 'retry', what, delayMs, reason, requestId });
        unclear ||= error.outcome === 'ambiguous';
        await deps.clock.sleep(delayMs, signal);
        owed = retryCost(error);
        await budget.spend(owed, signal);
      }
    }
  }

  return {
    keyFingerprint: api.keyFingerprint,
    requestsPerSecond: api.requestsPerSecond,
    turnToStart: (signal) => api.turnToStart(signal),
    startJob: (jobId, settings, signal) => api.startJob(jobId, settings, signal),
    upload: (source, signal) =>
      retry('upload', TRIES.upload, signal, () => api.upload(source, signal)),
    createDraft(videoUrl, settings, metadata, signal, repeat) {
      const create = (): Promise<JobView> => api.createDraft(videoUrl, settings, metadata, signal);
      if (repeat === 'never_blindly') {
        return retry('create', 1, signal, create, { onlyDefinite: true });
      }
      // It may have been made: a look first keeps orphans from piling up at the service.
      const find = (): Promise<JobView | undefined> => findCreated(api, metadata, signal);
      return retry('create', TRIES.createDraft, signal, create, { find });
    },
    getJob: (jobId, signal) => retry('status', TRIES.read, signal, () => api.getJob(jobId, signal)),
    listJobs: (page, signal) => retry('list', TRIES.read, signal, () => api.listJobs(page, signal)),
    downloadUrl: (jobId, signal) =>
      retry('download link', TRIES.read, signal, () => api.downloadUrl(jobId, signal)),
    openOutput: (request, signal) =>
      retry('download', TRIES.openOutput, signal, () => api.openOutput(request, signal)),
    pricing: (signal) =>
      retry('pricing', 2, signal, () => api.pricing(signal), { mostRefusals: 2 }),
    usageSummary: (days, signal) =>
      retry('usage', TRIES.read, signal, () => api.usageSummary(days, signal)),
    usageEvents: (limit, signal) =>
      retry('usage', TRIES.read, signal, () => api.usageEvents(limit, signal)),
    health: (signal) => retry('health', TRIES.read, signal, () => api.health(signal)),
  };
}
