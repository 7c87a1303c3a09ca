import type { Clock } from '../core/clock.ts';
import type { JobView } from '../core/jobView.ts';
import { forecast, timeRatio, type Forecast } from './forecast.ts';
import type { ListTrust } from './listTrust.ts';
import { firstLookMs, isStuck, LEAST_MS, SLOWEST_MS, STUCK_MS } from './lookTimes.ts';
import { outlook, type Outlook } from './outlook.ts';

/** From so many jobs on, one list says what as many single questions would. */
const BATCH = 3;
/** And where it tells ends as well, so that none of these has to be asked for after it. */
const TOLD_BATCH = 2;
/** Time between two looks where fewer than one request a second is allowed, or no list can be had. */
const SPARE_MS = 5_000;
/**
 * A job that had ended when it was first looked at took a little less than that; when it is the
 * same with one after another, jobs have become much shorter.
 */
const UNSEEN_SHARES: readonly number[] = [0.9, 0.8, 0.6];
const LEAST_UNSEEN_SHARE = 0.5;
/** Where webhooks arrive, looking is only for the one that got lost. */
const HINTED_MS = 30_000;
/** Jobs in a row whose end a webhook told first, until webhooks count as arriving. */
const HINTS_TO_TRUST = 3;

export type WaitResult =
  /** `view` is what the service said of the job itself. */
  | { readonly kind: 'completed' | 'failed'; readonly view: JobView }
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

/** One of them, with what is known of it. Times are those of the clock that never jumps. */
export interface WatchedJob extends AwaitedJob {
  readonly begunAt: number;
  readonly deadline: number;
  /** When it was last known to be at work. */
  aliveAt: number;
  askedAt: number;
  /** It is looked at no sooner. */
  nextAt: number;
  /** It is looked at no later. */
  latestAt: number;
  misses: number;
  isAsked: boolean;
  isHinted: boolean;
  isListed: boolean;
  readonly resolve: (result: WaitResult) => void;
  readonly reject: (error: unknown) => void;
}

/** The jobs that are waited for, and when each is to be looked at. */
export interface WatchedJobs {
  /** Resolves or rejects as `end`, `notYet` and `drop` have it. */
  add(job: AwaitedJob): Promise<WaitResult>;
  all(): readonly WatchedJob[];
  find(jobId: string): WatchedJob | undefined;
  /** Still waited for. */
  has(job: WatchedJob): boolean;
  /** So many that a list is better than a question for each. */
  isBatch(): boolean;
  /** Least time between two lists. */
  leastMs(): number;
  /** What may have become of it since it was last seen at work. */
  outlook(job: WatchedJob): Outlook;
  ageMs(job: WatchedJob): number;
  /** Nine in ten of its like have ended by now. */
  isOverdue(job: WatchedJob): boolean;
  /** It was looked at and goes on; what was seen, if anything. Ends the wait at its deadline. */
  notYet(job: WatchedJob, view?: JobView): void;
  /** It has completed or failed. */
  ended(job: WatchedJob, view: JobView, wasHinted: boolean): void;
  end(job: WatchedJob, result: WaitResult): void;
  drop(job: WatchedJob, error: unknown): void;
}

export interface WatchedJobsDeps {
  readonly clock: Clock;
  readonly times: JobTimes;
  /** How long one job is waited for, in milliseconds. */
  readonly jobTimeoutMs: number;
  /** What the service allows now. */
  readonly requestsPerSecond: () => number;
}

export function createWatchedJobs(
  { clock, times, jobTimeoutMs, requestsPerSecond }: WatchedJobsDeps,
  trust: Pick<ListTrust, 'isGood' | 'tellsEnds'>,
): WatchedJobs {
  const jobs = new Map<string, WatchedJob>();
  let hintsInRow = 0;
  let unseenInRow = 0;

  const has = (job: WatchedJob): boolean => jobs.get(job.jobId) === job;
  const ageMs = (job: WatchedJob): number => clock.monotonic() - job.begunAt;
  const foresee = (job: AwaitedJob): Forecast => forecast(times.latest(), job.clipMs);
  const isBatch = (): boolean =>
    jobs.size >= (trust.tellsEnds() ? TOLD_BATCH : BATCH) && trust.isGood();

  const leastMs = (): number => (requestsPerSecond() < 1 ? SPARE_MS : LEAST_MS);

  /** Least and most time until the next look at a job. */
  function pauseMs(job: WatchedJob): readonly [number, number] {
    if (isStuck(ageMs(job), job.clipMs, foresee(job))) return [STUCK_MS, STUCK_MS];
    if (hintsInRow >= HINTS_TO_TRUST) return [HINTED_MS, HINTED_MS];
    // Many questions for want of a list: at a pace that the service can bear.
    const isCrowd = jobs.size >= BATCH && !isBatch();
    return [isCrowd ? SPARE_MS : leastMs(), SLOWEST_MS];
  }

  /** How long a job that has ended is likely to have taken. */
  function likelyMs(job: WatchedJob): number {
    if (job.aliveAt > job.begunAt) {
      unseenInRow = 0;
      // It ended at some time since it was last seen at work.
      return (job.aliveAt + clock.monotonic()) / 2 - job.begunAt;
    }
    const share = UNSEEN_SHARES[unseenInRow] ?? LEAST_UNSEEN_SHARE;
    unseenInRow += 1;
    return ageMs(job) * share;
  }

  function end(job: WatchedJob, result: WaitResult): void {
    jobs.delete(job.jobId);
    job.resolve(result);
  }

  return {
    add: (job) =>
      new Promise((resolve, reject) => {
        const now = clock.monotonic();
        const deadline = now + jobTimeoutMs;
        const mostMs = job.isFresh ? firstLookMs(foresee(job)) : LEAST_MS;
        jobs.set(job.jobId, {
          ...job,
          begunAt: now,
          deadline,
          aliveAt: now,
          askedAt: now,
          nextAt: Math.min(now + LEAST_MS, deadline),
          latestAt: Math.min(now + mostMs, deadline),
          misses: 0,
          isAsked: false,
          isHinted: false,
          isListed: false,
          resolve,
          reject,
        });
      }),
    all: () => [...jobs.values()],
    find: (jobId) => jobs.get(jobId),
    has,
    isBatch,
    leastMs,
    outlook: (job) => outlook(foresee(job).timesMs, job.aliveAt - job.begunAt, ageMs(job)),
    ageMs,
    isOverdue: (job) => ageMs(job) > foresee(job).latestMs,

    notYet(job, view) {
      // Its end may have been learned while a list was on its way.
      if (!has(job)) return;
      const now = clock.monotonic();
      if (now >= job.deadline) {
        end(job, { kind: 'timeout' });
        return;
      }
      if (view !== undefined) job.aliveAt = now;
      if (view?.progress !== undefined) job.onProgress(view.progress / 100);
      const [least, most] = pauseMs(job);
      job.nextAt = Math.min(now + least, job.deadline);
      job.latestAt = Math.min(now + most, job.deadline);
    },

    ended(job, view, wasHinted) {
      hintsInRow = wasHinted ? hintsInRow + 1 : 0;
      const failed = view.status === 'failed';
      if (job.isFresh && !failed) times.add(timeRatio(likelyMs(job), job.clipMs));
      end(job, { kind: failed ? 'failed' : 'completed', view });
    },
    end,
    drop(job, error) {
      jobs.delete(job.jobId);
      job.reject(error);
    },
  };
}
