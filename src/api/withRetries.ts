import { retryDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import type { Api } from './api.ts';
import { ApiError } from './apiError.ts';

/** How often each call is tried in all; the paid start is not in this table on purpose. */
const TRIES = { upload: 3, createDraft: 5, read: 5, openOutput: 3 } as const;

/**
 * The program's one retry loop, around every call that is free to repeat. `startJob` passes
 * through untouched.
 */
export function withRetries(
  api: Api,
  deps: { readonly clock: Clock; readonly random: () => number; readonly report: Report },
): Api {
  async function retry<T>(
    what: string,
    tries: number,
    signal: AbortSignal,
    call: () => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const repeat = error instanceof ApiError && error.isTransient && attempt < tries;
        if (!repeat || signal.aborted) throw error;
        const delayMs = retryDelayMs(attempt, error.retryAfterMs, deps.random);
        const { message: reason, requestId } = error;
        deps.report({ type: 'retry', what, delayMs, reason, requestId });
        await deps.clock.sleep(delayMs, signal);
      }
    }
  }

  return {
    keyFingerprint: api.keyFingerprint,
    startJob: (jobId, settings, signal) => api.startJob(jobId, settings, signal),
    upload: (source, signal) =>
      retry('upload', TRIES.upload, signal, () => api.upload(source, signal)),
    createDraft: (videoUrl, settings, metadata, signal) =>
      retry('create', TRIES.createDraft, signal, () =>
        api.createDraft(videoUrl, settings, metadata, signal),
      ),
    getJob: (jobId, signal) => retry('status', TRIES.read, signal, () => api.getJob(jobId, signal)),
    listJobs: (limit, offset, signal) =>
      retry('list', TRIES.read, signal, () => api.listJobs(limit, offset, signal)),
    downloadUrl: (jobId, signal) =>
      retry('download link', TRIES.read, signal, () => api.downloadUrl(jobId, signal)),
    openOutput: (request, signal) =>
      retry('download', TRIES.openOutput, signal, () => api.openOutput(request, signal)),
    pricing: (signal) => retry('pricing', 2, signal, () => api.pricing(signal)),
    usageSummary: (days, signal) =>
      retry('usage', TRIES.read, signal, () => api.usageSummary(days, signal)),
    usageEvents: (limit, signal) =>
      retry('usage', TRIES.read, signal, () => api.usageEvents(limit, signal)),
    health: (signal) => retry('health', TRIES.read, signal, () => api.health(signal)),
  };
}
