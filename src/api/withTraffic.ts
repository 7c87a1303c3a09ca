import { finished } from 'node:stream';

import PQueue from 'p-queue';

import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import { takePlace } from '../core/place.ts';
import type { SharedRecord } from '../core/sharedRecord.ts';
import type { Api } from './api.ts';
import { ApiError } from './apiError.ts';
import { createBreaker, type OutageMemory } from './breaker.ts';
import type { Lane } from './fairQueue.ts';
import { createRate } from './rate.ts';
import type { RateState } from './rateState.ts';

/** Calls of each kind under way at the same time. */
const WIDTHS: Readonly<Record<Lane | 'fetch', number>> = {
  start: 4,
  draft: 4,
  upload: 2,
  poll: 4,
  fetch: 4,
};

/**
 * Makes all callers share the service: each kind of call has a lane of its own, all lanes draw from
 * one adaptive rate, and nobody asks while the service is out of reach. A call holds one place in
 * one lane and never waits for a second one, so no two can wait for each other. Downloads go to
 * another host: they have a lane and draw nothing.
 *
 * A start waits in `turnToStart` alone; once it is sent nothing here delays or ends it.
 */
export function withTraffic(
  api: Api,
  deps: {
    readonly clock: Clock;
    /** From 0 up to 1. */
    readonly random: () => number;
    readonly report: Report;
    readonly memory?: OutageMemory;
    /** What is known of the rate of this key, shared with other processes. */
    readonly record?: SharedRecord<RateState>;
  },
): Api {
  const { clock } = deps;
  const rate = createRate(deps);
  const breaker = createBreaker({ ...deps, probe: (signal) => api.health(signal) });
  const lane = (width: number): PQueue => new PQueue({ concurrency: width });
  const lanes = {
    start: lane(WIDTHS.start),
    draft: lane(WIDTHS.draft),
    upload: lane(WIDTHS.upload),
    poll: lane(WIDTHS.poll),
    fetch: lane(WIDTHS.fetch),
  };

  async function enter(name: Lane, signal: AbortSignal): Promise<() => void> {
    const leave = await takePlace(lanes[name], signal);
    try {
      for (;;) {
        await breaker.pass(signal);
        await rate.take(name, signal);
        const land = breaker.launch();
        if (land === undefined) continue;
        return () => {
          land();
          leave();
        };
      }
    } catch (error) {
      leave();
      throw error;
    }
  }

  async function send<T>(call: () => Promise<T>): Promise<T> {
    const sentAt = clock.monotonic();
    try {
      const answer = await call();
      rate.accepted();
      breaker.record(undefined);
      return answer;
    } catch (error) {
      if (error instanceof ApiError) {
        if (error.status === 429 && !error.isTooManyJobs) rate.refused(sentAt, error.retryAfterMs);
        breaker.record(error);
      }
      throw error;
    }
  }

  async function through<T>(name: Lane, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const leave = await enter(name, signal);
    try {
      return await send(call);
    } finally {
      leave();
    }
  }

  return {
    keyFingerprint: api.keyFingerprint,
    requestsPerSecond: rate.perSecond,
    turnToStart: (signal) => enter('start', signal),
    startJob: (jobId, settings, signal) => send(() => api.startJob(jobId, settings, signal)),
    upload: (source, signal) => through('upload', signal, () => api.upload(source, signal)),
    createDraft: (videoUrl, settings, metadata, signal) =>
      through('draft', signal, () => api.createDraft(videoUrl, settings, metadata, signal)),
    getJob: (jobId, signal) => through('poll', signal, () => api.getJob(jobId, signal)),
    listJobs: (page, signal) => through('poll', signal, () => api.listJobs(page, signal)),
    downloadUrl: (jobId, signal) => through('poll', signal, () => api.downloadUrl(jobId, signal)),
    pricing: (signal) => through('poll', signal, () => api.pricing(signal)),
    usageSummary: (days, signal) => through('poll', signal, () => api.usageSummary(days, signal)),
    usageEvents: (limit, signal) => through('poll', signal, () => api.usageEvents(limit, signal)),
    health: (signal) => through('poll', signal, () => api.health(signal)),

    async openOutput(request, signal) {
      const leave = await takePlace(lanes.fetch, signal);
      try {
        const output = await api.openOutput(request, signal);
        finished(output.body, leave);
        return output;
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}
