import PQueue from 'p-queue';

import type { Api } from '../api/api.ts';
import { ApiError } from '../api/apiError.ts';
import type { JobView } from '../core/jobView.ts';
import { chooseLook } from './chooseLook.ts';
import { listRunning } from './listRunning.ts';
import { createListTrust } from './listTrust.ts';
import { LEAST_MS } from './lookTimes.ts';
import {
  createWatchedJobs,
  type AwaitedJob,
  type WaitResult,
  type WatchedJob,
  type WatchedJobsDeps,
} from './watchedJobs.ts';

/** How often an overdue job is asked for although a list shows it running. */
const DOUBT_MS = 10_000;
/** Answers `not found` in a row before a started job counts as lost. */
const MISSES = 3;
const QUESTIONS_AT_ONCE = 8;
/** How often it is weighed whether to look. */
const TICK_MS = 200;
/** A job that is missing from a list, and was never in one, is asked for if it may well have ended. */
const LIKELY_SHARE = 0.1;

export interface PollerDeps extends WatchedJobsDeps {
  readonly api: Pick<Api, 'getJob'>;
  /** Without retries: a list that fails is replaced by questions, not asked for again. */
  readonly apiOnce: Pick<Api, 'listJobs'>;
  readonly signal: AbortSignal;
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

/** Why a job is asked for: what a list said, if it said anything. */
type Cause = 'due' | 'hinted' | 'listed' | 'not_listed';

/**
 * Makes the poller of one run. Few jobs are asked for one by one, at times at which they are likely
 * to end; from three on one list speaks for all, and only a job that has left it is asked for.
 * Whatever a list or a hint says, only the answer about the job itself ends a wait.
 */
export function createPoller(deps: PollerDeps): Poller {
  const { clock, signal } = deps;
  const trust = createListTrust(clock);
  const jobs = createWatchedJobs(deps, trust);
  const questions = new PQueue({ concurrency: QUESTIONS_AT_ONCE });
  const largest = { page: 0 };
  let isLooping = false;
  let isSweeping = false;
  let listedAt = -Infinity;

  async function loop(): Promise<void> {
    isLooping = true;
    try {
      while (jobs.all().length > 0) {
        look();
        await clock.sleep(TICK_MS, signal);
      }
    } catch (error) {
      for (const job of jobs.all()) jobs.drop(job, error);
    } finally {
      isLooping = false;
    }
  }

  function look(): void {
    const now = clock.monotonic();
    const ripe = jobs.all().flatMap((job) => {
      if (job.nextAt > now || job.isAsked) return [];
      return [{ job, isDue: job.latestAt <= now, ...jobs.outlook(job) }];
    });
    const choice = chooseLook(ripe, jobs.isBatch());
    if (choice.kind === 'list' && (isSweeping || now < listedAt + jobs.leastMs())) return;
    const isLikely = (one: (typeof ripe)[number]): boolean =>
      one.isDue || one.endedShare >= LIKELY_SHARE;
    const looked = choice.kind === 'list' ? ripe.filter(isLikely) : choice.jobs;
    const due = looked.map(({ job }) => job);
    for (const job of due) job.nextAt = now + LEAST_MS;
    if (choice.kind === 'ask') for (const job of due) void ask(job, 'due');
    else {
      listedAt = now;
      void sweep(due);
    }
  }

  async function sweep(due: readonly WatchedJob[]): Promise<void> {
    isSweeping = true;
    const old = jobs.all().filter((job) => jobs.ageMs(job) >= LEAST_MS);
    const wanted = new Set(old.map(({ jobId }) => jobId));
    try {
      const list = await listRunning(deps.apiOnce, trust.words, wanted, largest, signal);
      if (!list.isWhole) trust.pause();
      for (const job of old) {
        const view = list.seen.get(job.jobId);
        if (view !== undefined && !hasEnded(view)) seenRunning(job, view);
        // One that was never listed may be missing for the list's own reasons: not asked early.
        else if (due.includes(job) || job.isListed || trust.isPrompt()) void ask(job, 'not_listed');
      }
    } catch (error) {
      if (!(error instanceof ApiError)) for (const job of due) jobs.drop(job, error);
      else {
        if (error.status === 429) listedAt = clock.monotonic() + (error.retryAfterMs ?? 0);
        else trust.pause();
        for (const job of due) jobs.notYet(job);
      }
    } finally {
      isSweeping = false;
    }
  }

  function seenRunning(job: WatchedJob, view: JobView): void {
    if (!job.isListed && job.isFresh) trust.listedAfter(jobs.ageMs(job));
    job.isListed = true;
    // A list that lags shows jobs that have ended: those overdue are asked for now and then.
    const isDoubtful = jobs.isOverdue(job) && !trust.isPrompt();
    if (isDoubtful && clock.monotonic() - job.askedAt >= DOUBT_MS) void ask(job, 'listed');
    else jobs.notYet(job, view);
  }

  /** The one question that decides; nothing it may come to is left to the caller. */
  async function ask(job: WatchedJob, cause: Cause): Promise<void> {
    if (job.isAsked || !jobs.has(job)) return;
    job.isAsked = true;
    const wasHinted = job.isHinted;
    // From here on a hint is news that this question may have come too early for.
    job.isHinted = false;
    try {
      const view = await questions.add(() => deps.api.getJob(job.jobId, signal));
      job.misses = 0;
      if (hasEnded(view)) {
        if (cause === 'listed') trust.strike();
        jobs.ended(job, view, wasHinted || hasNews(job));
      } else {
        if (cause === 'not_listed') trust.lacked(view.status);
        jobs.notYet(job, view);
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.isAuthFailure) jobs.drop(job, error);
      else if (error.status === 404) {
        job.misses += 1;
        if (job.misses === MISSES) jobs.end(job, { kind: 'lost' });
        else jobs.notYet(job);
      } else if (error.isTransient) jobs.notYet(job);
      else jobs.drop(job, error);
    } finally {
      job.isAsked = false;
      job.askedAt = clock.monotonic();
      if (hasNews(job)) void followHint(job);
    }
  }

  async function followHint(job: WatchedJob): Promise<void> {
    try {
      const waitMs = Math.max(0, job.askedAt + LEAST_MS - clock.monotonic());
      await clock.sleep(waitMs, signal);
    } catch {
      return; // An interruption is the loop's affair.
    }
    if (job.isHinted) await ask(job, 'hinted');
  }

  return {
    async wait(job) {
      signal.throwIfAborted();
      const result = jobs.add(job);
      if (!isLooping) void loop();
      return result;
    },
    hint(jobId) {
      const job = jobs.find(jobId);
      if (job === undefined || job.isHinted) return;
      job.isHinted = true;
      if (!job.isAsked) void followHint(job);
    },
  };
}

function hasNews(job: WatchedJob): boolean {
  return job.isHinted;
}

function hasEnded(view: JobView): boolean {
  return view.status === 'completed' || view.status === 'failed';
}
