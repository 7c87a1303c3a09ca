import PQueue from 'p-queue';

import type { Api } from '../api/api.ts';
import { ApiError } from '../api/apiError.ts';
import { hasEnded, type JobView } from '../core/jobView.ts';
import { chooseLook } from './chooseLook.ts';
import { createListTrust } from './listTrust.ts';
import { lookInList } from './lookInList.ts';
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
/** Jobs that one answer told of may be looked at again at the same time, give or take this. */
const TOGETHER_MS = 5;
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
type Cause = 'due' | 'hinted' | 'listed' | 'not_listed' | 'ended';

/**
 * Makes the poller of one run. Few jobs are asked for one by one, at times at which they are likely
 * to end; from three on one list speaks for all. What it says of ends is held against a job's own
 * answer once: if that says no more, the list ends waits from then on, else only jobs' answers do.
 * A hint, a job that is missing from a list, and a failure are always a reason to ask.
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
        await clock.sleep(untilNextMs(), signal);
      }
    } catch (error) {
      for (const job of jobs.all()) jobs.drop(job, error);
    } finally {
      isLooping = false;
    }
  }

  /** Until a job may be looked at, with those that may be at the same time. */
  function untilNextMs(): number {
    const now = clock.monotonic();
    const next = jobs.all().flatMap(({ nextAt }) => (nextAt > now ? [nextAt - now] : []));
    return Math.min(TICK_MS, ...next.map((ms) => ms + TOGETHER_MS));
  }

  function look(): void {
    const now = clock.monotonic();
    const ripe = jobs.all().flatMap((job) => {
      if (job.nextAt > now || job.isAsked) return [];
      return [{ job, isDue: job.latestAt <= now, ...jobs.outlook(job) }];
    });
    const isTooSoon = isSweeping || now < listedAt + jobs.leastMs();
    // Those whose time has come between two lists are asked for, unless requests are scarce.
    const hasList = jobs.isBatch() && (!isTooSoon || jobs.leastMs() > LEAST_MS);
    const choice = chooseLook(ripe, hasList, trust.isWide());
    if (choice.kind === 'list' && isTooSoon) return;
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
    const isWide = trust.isWide();
    try {
      const list = await lookInList(deps.apiOnce, trust, wanted, largest, signal);
      if (!list.isWhole) trust.pause();
      const ended: (readonly [WatchedJob, JobView])[] = [];
      for (const job of old) {
        const view = list.seen.get(job.jobId);
        if (view !== undefined && hasEnded(view)) ended.push([job, view]);
        else if (view !== undefined) seenRunning(job, view);
        // One that was never listed may be missing for the list's own reasons: not asked early.
        else if (due.includes(job) || job.isListed || trust.isPrompt()) void ask(job, 'not_listed');
      }
      if (isWide) trust.wideTold(ended.length, list.pages === 1);
      void followEnds(ended);
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

  /** As long as it is open whether the list can be relied upon, one is asked for after the other. */
  async function followEnds(ended: readonly (readonly [WatchedJob, JobView])[]): Promise<void> {
    for (const [job, view] of ended) {
      if (trust.tellsEnds() && view.outputUrl !== undefined) {
        if (jobs.has(job)) jobs.ended(job, view, hasNews(job));
        continue;
      }
      const answer = ask(job, 'ended', view);
      if (trust.isWide() && !trust.tellsEnds()) await answer;
    }
  }

  /**
   * The question about the job itself; nothing it may come to is left to the caller.
   *
   * @param listed what the list said of its end
   */
  async function ask(job: WatchedJob, cause: Cause, listed?: JobView): Promise<void> {
    if (job.isAsked || !jobs.has(job)) return;
    job.isAsked = true;
    const wasHinted = job.isHinted;
    // From here on a hint is news that this question may have come too early for.
    job.isHinted = false;
    try {
      const view = await questions.add(() => deps.api.getJob(job.jobId, signal));
      // A list may have told its end meanwhile.
      if (!jobs.has(job)) return;
      job.misses = 0;
      if (hasEnded(view)) {
        if (cause === 'listed') trust.strike();
        if (listed !== undefined) trust.compared(listed, view);
        jobs.ended(job, view, wasHinted || hasNews(job));
      } else {
        if (cause === 'not_listed' || cause === 'ended') trust.lacked(view.status);
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
