import PQueue from 'p-queue';

import type { Api } from '../api/api.ts';
import { ApiError } from '../api/apiError.ts';
import type { Clock } from '../core/clock.ts';
import type { JobView } from '../core/jobView.ts';
import { forecast, timeRatio, type Forecast } from './forecast.ts';
import { listRunning } from './listRunning.ts';
import { createListTrust } from './listTrust.ts';
import { firstLookMs, isStuck, LEAST_MS, lookIntervalMs, STUCK_MS } from './lookTimes.ts';

/** From so many jobs on, one list says what as many single questions would. */
const BATCH = 3;
const SWEEP_MS = 3_000;
/** The same where fewer than one request a second is allowed, or no list can be had. */
const SPARE_SWEEP_MS = 5_000;
/** Where webhooks arrive, looking is only for the one that got lost. */
const HINTED_MS = 30_000;
/** Jobs in a row whose end a webhook told first, until webhooks count as arriving. */
const HINTS_TO_TRUST = 3;
/** How often an overdue job is asked for although a list shows it running. */
const DOUBT_MS = 10_000;
/** Answers `not found` in a row before a started job counts as lost. */
const MISSES = 3;
const QUESTIONS_AT_ONCE = 8;

export type WaitResult =
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly view: JobView }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'lost' };

/** A started job that somebody waits for. */
export interface AwaitedJob {
  readonly jobId: string;
  /** Length of the clip in milliseconds. */
  readonly clipMs: number;
  /** Started just now: the time it takes says something about others. */
  readonly isFresh: boolean;
  /** Called with 0..1. */
  readonly onProgress: (fraction: number) => void;
}

/** Times of earlier jobs of the run's model, as multiples of their clips' lengths. */
export interface JobTimes {
  latest(): readonly number[];
  add(ratio: number): void;
}

export interface PollerDeps {
  readonly api: Pick<Api, 'getJob'>;
  /** Without retries: a list that fails is replaced by questions, not asked for again. */
  readonly apiOnce: Pick<Api, 'listJobs'>;
  readonly clock: Clock;
  readonly times: JobTimes;
  readonly signal: AbortSignal;
  /** How long one job is waited for, in milliseconds. */
  readonly jobTimeoutMs: number;
  /** What the service allows now. */
  readonly requestsPerSecond: () => number;
}

/** Watches all the started jobs of a run together. */
export interface Poller {
  /**
   * Resolves when the job has ended, is lost, or was waited for long enough. Refusals and outages
   * never end the wait; an unknown status word means "not yet".
   *
   * @throws ApiError when the key is refused; the signal's reason when aborted
   */
  wait(job: AwaitedJob): Promise<WaitResult>;
  /** There may be news of a job: it is looked at soon, if it is waited for. */
  readonly hint: (jobId: string) => void;
}

interface Watched extends AwaitedJob {
  readonly begunAt: number;
  readonly deadline: number;
  /** When it was last known to be at work. */
  aliveAt: number;
  askedAt: number;
  nextAt: number;
  misses: number;
  isAsked: boolean;
  isHinted: boolean;
  isListed: boolean;
  readonly resolve: (result: WaitResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Why a job is asked for: what a list said, if it said anything. */
type Cause = 'due' | 'hinted' | 'listed' | 'not_listed';

/**
 * Makes the poller of one run. Few jobs are asked for one by one, at times at which they are likely
 * to end; from three on one list speaks for all, and only a job that has left it is asked for.
 * Whatever a list or a hint says, only the answer about the job itself ends a wait.
 */
export function createPoller(deps: PollerDeps): Poller {
  const { clock, signal, times } = deps;
  const watched = new Map<string, Watched>();
  const questions = new PQueue({ concurrency: QUESTIONS_AT_ONCE });
  const trust = createListTrust(clock);
  const largest = { page: 0 };
  let isLooping = false;
  let isSweeping = false;
  let lookedAt = -Infinity;
  let hintsInRow = 0;

  const ageOf = (job: Watched): number => clock.monotonic() - job.begunAt;
  const foresee = (job: AwaitedJob): Forecast => forecast(times.latest(), job.clipMs);
  const isBatch = (): boolean => watched.size >= BATCH && trust.isGood();

  /** More often where many end: then a list still costs little for each of them. */
  function batchIntervalMs(): number {
    if (deps.requestsPerSecond() < 1) return SPARE_SWEEP_MS;
    const jobs = [...watched.values()];
    const typicalMs = jobs.reduce((sum, job) => sum + foresee(job).medianMs, 0) / jobs.length;
    return Math.min(SWEEP_MS, Math.max(LEAST_MS, typicalMs / jobs.length));
  }

  async function loop(): Promise<void> {
    isLooping = true;
    try {
      while (watched.size > 0) {
        const due = Math.min(...Array.from(watched.values(), ({ nextAt }) => nextAt));
        const at = isBatch() ? Math.max(due, lookedAt + batchIntervalMs()) : due;
        const left = at - clock.monotonic();
        // Whoever comes meanwhile is not due any sooner than after this time.
        if (left > 0) await clock.sleep(Math.min(left, LEAST_MS), signal);
        else look();
      }
    } catch (error) {
      for (const job of watched.values()) drop(job, error);
    } finally {
      isLooping = false;
    }
  }

  function look(): void {
    lookedAt = clock.monotonic();
    const due = [...watched.values()].filter(({ nextAt }) => nextAt <= lookedAt);
    for (const job of due) job.nextAt = lookedAt + LEAST_MS;
    if (isSweeping) return;
    if (isBatch() && due.length > 1) void sweep(due);
    else for (const job of due) void ask(job, 'due');
  }

  async function sweep(due: readonly Watched[]): Promise<void> {
    isSweeping = true;
    const jobs = [...watched.values()].filter((job) => ageOf(job) >= LEAST_MS);
    const wanted = new Set(jobs.map(({ jobId }) => jobId));
    try {
      const list = await listRunning(deps.apiOnce, trust.words, wanted, largest, signal);
      if (!list.isWhole) trust.pause();
      for (const job of jobs) {
        const view = list.seen.get(job.jobId);
        if (view !== undefined && !hasEnded(view)) seenRunning(job, view);
        // One that was never listed may be missing for the list's own reasons: not asked early.
        else if (due.includes(job) || job.isListed) void ask(job, 'not_listed');
      }
    } catch (error) {
      if (!(error instanceof ApiError)) for (const job of due) drop(job, error);
      else {
        if (error.status === 429) lookedAt = clock.monotonic() + (error.retryAfterMs ?? 0);
        else trust.pause();
        for (const job of due) notYet(job);
      }
    } finally {
      isSweeping = false;
    }
  }

  function seenRunning(job: Watched, view: JobView): void {
    if (!job.isListed && job.isFresh) trust.listedAfter(ageOf(job));
    job.isListed = true;
    // A list that lags shows jobs that have ended: those overdue are asked for now and then.
    const isOverdue = ageOf(job) > foresee(job).latestMs;
    if (isOverdue && !trust.isPrompt() && clock.monotonic() - job.askedAt >= DOUBT_MS) {
      void ask(job, 'listed');
    } else notYet(job, view);
  }

  /** The one question that decides; nothing it may come to is left to the caller. */
  async function ask(job: Watched, cause: Cause): Promise<void> {
    if (job.isAsked || watched.get(job.jobId) !== job) return;
    job.isAsked = true;
    const wasHinted = job.isHinted;
    // From here on a hint is news that this question may have come too early for.
    job.isHinted = false;
    try {
      const view = await questions.add(() => deps.api.getJob(job.jobId, signal));
      job.misses = 0;
      if (hasEnded(view)) {
        if (cause === 'listed') trust.strike();
        finish(job, view, wasHinted || hasNews(job));
      } else {
        if (cause === 'not_listed') trust.lacked(view.status);
        notYet(job, view);
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.isAuthFailure) drop(job, error);
      else if (error.status === 404) {
        job.misses += 1;
        if (job.misses === MISSES) end(job, { kind: 'lost' });
        else notYet(job);
      } else if (error.isTransient) notYet(job);
      else drop(job, error);
    } finally {
      job.isAsked = false;
      job.askedAt = clock.monotonic();
      if (hasNews(job)) void followHint(job);
    }
  }

  async function followHint(job: Watched): Promise<void> {
    try {
      const waitMs = Math.max(0, job.askedAt + LEAST_MS - clock.monotonic());
      await clock.sleep(waitMs, signal);
    } catch {
      return; // An interruption is the loop's affair.
    }
    if (job.isHinted) await ask(job, 'hinted');
  }

  function notYet(job: Watched, view?: JobView): void {
    // Its end may have been learned while a list was on its way.
    if (watched.get(job.jobId) !== job) return;
    const now = clock.monotonic();
    if (now >= job.deadline) {
      end(job, { kind: 'timeout' });
      return;
    }
    if (view !== undefined) job.aliveAt = now;
    if (view?.progress !== undefined) job.onProgress(view.progress / 100);
    const foreseen = foresee(job);
    const first = job.isFresh ? job.begunAt + firstLookMs(foreseen) : now;
    const next = Math.max(now + intervalOf(job, foreseen), first);
    job.nextAt = Math.min(next, job.deadline);
  }

  function intervalOf(job: Watched, foreseen: Forecast): number {
    if (isStuck(ageOf(job), job.clipMs, foreseen)) return STUCK_MS;
    if (hintsInRow >= HINTS_TO_TRUST) return HINTED_MS;
    if (isBatch()) return batchIntervalMs();
    const intervalMs = lookIntervalMs(ageOf(job), foreseen);
    // Many questions for want of a list: at a pace that the service can bear.
    return watched.size < BATCH ? intervalMs : Math.max(SPARE_SWEEP_MS, intervalMs);
  }

  function finish(job: Watched, view: JobView, wasHinted: boolean): void {
    hintsInRow = wasHinted ? hintsInRow + 1 : 0;
    if (view.status === 'failed') {
      end(job, { kind: 'failed', view });
      return;
    }
    if (job.isFresh) {
      // It ended at some time since it was last seen at work.
      const tookMs = (job.aliveAt + clock.monotonic()) / 2 - job.begunAt;
      times.add(timeRatio(tookMs, job.clipMs));
    }
    end(job, { kind: 'completed' });
  }

  function end(job: Watched, result: WaitResult): void {
    watched.delete(job.jobId);
    job.resolve(result);
  }

  function drop(job: Watched, error: unknown): void {
    watched.delete(job.jobId);
    job.reject(error);
  }

  return {
    wait: (job) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const now = clock.monotonic();
        const deadline = now + deps.jobTimeoutMs;
        const firstMs = job.isFresh ? firstLookMs(foresee(job)) : LEAST_MS;
        watched.set(job.jobId, {
          ...job,
          begunAt: now,
          deadline,
          aliveAt: now,
          askedAt: now,
          nextAt: Math.min(now + firstMs, deadline),
          misses: 0,
          isAsked: false,
          isHinted: false,
          isListed: false,
          resolve,
          reject,
        });
        if (!isLooping) void loop();
      }),
    hint(jobId) {
      const job = watched.get(jobId);
      if (job === undefined || job.isHinted) return;
      job.isHinted = true;
      if (!job.isAsked) void followHint(job);
    },
  };
}

function hasNews(job: Watched): boolean {
  return job.isHinted;
}

function hasEnded(view: JobView): boolean {
  return view.status === 'completed' || view.status === 'failed';
}
