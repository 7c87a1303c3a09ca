import { ApiError } from '../api/apiError.ts';
import { OverBudget } from '../core/budget.ts';
import type { Credits } from '../core/credits.ts';
import { NO_CREDITS } from '../core/credits.ts';
import { RbgvError } from '../core/errors.ts';
import { jobKey } from '../core/jobKey.ts';
import type { Job, JobEvent } from '../core/job.ts';
import type { Outcome, PendingCode } from '../core/outcome.ts';
import { advance, type ClipContext, type Step } from './advance.ts';
import { landed } from './budget.ts';
import { currentWork } from './currentWork.ts';
import { releaseHold } from './creditsHold.ts';
import type { BatchDeps, BatchState } from './deps.ts';
import { isDiskError } from './download.ts';
import { gateFor } from './gate.ts';
import { clipHash } from './identify.ts';
import { endTurn, leaveLine } from './intendStart.ts';
import type { Plan, PlannedClip } from './plan.ts';
import { connectionOf, keyRefused, otherKey } from './refusedKey.ts';
import { leaveTurns } from './startTurn.ts';

/** The ways a step can end a clip; anything else is an event that leads on. */
type End = Exclude<Step, { readonly event: unknown }>;

/** What a clip remembers at the beginning of a run. */
const BEGIN = {
  draft: undefined,
  outputUrl: undefined,
  starts: 0,
  refusals: 0,
  notBefore: 0,
  restarts: 0,
  turn: undefined,
  slot: undefined,
} as const;
/** While a job is in one of these it counts as at work on the server. */
const AT_WORK: ReadonlySet<Job['state']> = new Set(['starting', 'unclear', 'started']);

/** Runs pieces of work with the same key one after the other, within this process. */
export type KeyLock = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * Carries one clip from where the ledger left it to its end. Resuming is nothing but this with a
 * job that is not `planned`.
 */
export async function runClip(
  item: PlannedClip,
  plan: Plan,
  deps: BatchDeps,
  state: BatchState,
  lock: KeyLock,
): Promise<Outcome> {
  const begun = deps.clock.monotonic();
  let job: Job | undefined;
  let paid: Credits = NO_CREDITS;
  let worked = false;
  let end: End;
  try {
    deps.signal.throwIfAborted();
    const sha256 = await state.reading.add(() => clipHash(item.clip, deps.ledger));
    if (sha256 === undefined) {
      const reason = 'the file changed since it was looked at; run the command again';
      end = { failed: { code: 'source_changed', reason } };
    } else {
      // The lock is on the clip's identity, whichever attempt at it is the current one.
      const identity = jobKey(plan.scope, sha256, item.settings);
      end = await lock(identity, () => work(sha256));
    }
  } catch (error) {
    end = endOf(error, deps, state);
  }
  if (job !== undefined) {
    releaseHold(job.key, state);
    leaveTurns(job.key, state);
    landed(job.key, state);
  }
  return outcomeOf(end);

  async function work(sha256: string): Promise<End> {
    const { scope, repay } = plan;
    const { settings } = item;
    const current = currentWork(scope, sha256, settings, repay, deps.ledger);
    const { key, generation, consent } = current;
    deps.ledger.setClipKey(deps.runId, item.clip.path, item.wantedPath, key);
    deps.ledger.ensureJob({
      key,
      scope,
      settings,
      sourceSha256: sha256,
      generation,
      consent,
      sourceName: item.clip.relativePath.split('/').at(-1) ?? '',
      durationUs: item.clip.media.durationUs,
      rate: plan.tariff.perMinute[settings.model],
      estimate: item.credits,
      worstCase: item.worstCase,
      tariff: plan.tariff,
    });
    const busy = deps.ledger.claim(key, deps.runId);
    if (busy !== undefined) {
      const reason = `run ${busy.ownedBy} is at work on the same clip`;
      return { pending: { code: 'busy', reason } };
    }
    job = deps.ledger.job(key);
    if (job === undefined) throw new Error('a job that was written down is not there');
    const context: ClipContext = { item, plan, deps, state, sha256, ...BEGIN };
    try {
      for (;;) {
        if (IN_FLIGHT.has(job.state)) state.flights.keys.add(key);
        else landed(key, state);
        const { keyFingerprint } = connectionOf(job, deps).api;
        let step: Step;
        try {
          step = await advance(job, context);
        } catch (error) {
          if (!(error instanceof ApiError) || !error.isAuthFailure) throw error;
          await keyRefused(keyFingerprint, error, deps, state);
          if (job.state !== 'processed') continue;
          return { pending: state.gate ?? { code: 'invisible', reason: otherKey(job, state) } };
        }
        if (!('event' in step)) return step;
        const next = appended(job, step.event, deps);
        if (next === undefined) {
          leaveLine(context);
          continue;
        }
        job = next;
        worked = true;
        // Budgets count what is reserved, the wallet what has started.
        if (job.state === 'starting' || job.state === 'started') state.tellAlerts();
        if (step.event.type === 'started') paid = item.credits;
        const { relativePath } = item.clip;
        deps.report({ type: 'clip_state', relativePath, state: job.state });
        if (job.state !== 'starting') endTurn(context);
        if (!AT_WORK.has(job.state)) leaveLine(context);
        if (job.state === 'processed' || job.state === 'failed') state.slots.ended();
      }
    } finally {
      leaveLine(context);
    }
  }

  function outcomeOf(ending: End): Outcome {
    const base = {
      path: item.clip.path,
      mended: item.clip.mended,
      relativePath: item.clip.relativePath,
      model: item.settings.model,
      format: item.settings.format,
      durationSeconds: item.clip.media.durationUs / 1e6,
      credits: paid,
      jobId: job !== undefined && 'jobId' in job ? job.jobId : undefined,
      elapsedMs: deps.clock.monotonic() - begun,
    };
    if ('delivered' in ending) {
      return { ...base, status: 'done', outputPath: ending.delivered, reused: !worked };
    }
    if ('failed' in ending) {
      const { code, reason } = ending.failed;
      const known = job?.state === 'failed' && !worked;
      return {
        ...base,
        status: 'failed',
        code,
        reason: known ? `${reason} (in an earlier run; only --repay pays for it again)` : reason,
      };
    }
    return { ...base, status: 'pending', ...ending.pending, paid: isPaid(job) };
  }
}

/** Something may have been charged, and the bill may still come in below the worst case. */
const IN_FLIGHT: ReadonlySet<Job['state']> = new Set(['starting', 'unclear', 'started']);

/** `undefined` when another start was quicker to take the room below a cap: look for room again. */
function appended(job: Job, event: JobEvent, { ledger, runId }: BatchDeps): Job | undefined {
  try {
    return ledger.append(runId, job, event);
  } catch (error) {
    if (error instanceof OverBudget) return undefined;
    throw error;
  }
}

function isPaid(job: Job | undefined): boolean {
  return job !== undefined && ['started', 'processed', 'verified', 'done'].includes(job.state);
}

/** What an exception means for this clip; one that concerns the whole account shuts the gate. */
function endOf(error: unknown, deps: BatchDeps, state: BatchState): End {
  if (deps.signal.aborted) return pending('interrupted', 'interrupted');
  if (error instanceof ApiError) {
    const gate = gateFor(error);
    if (gate !== undefined) {
      state.gate ??= gate;
      return { pending: gate };
    }
    if (error.isTransient) return pending('unavailable', error.message);
    const reason =
      error.requestId === undefined ? error.message : `${error.message} (${error.requestId})`;
    return { failed: { code: error.code, reason } };
  }
  if (error instanceof RbgvError && error.category !== 'ledger') {
    return { failed: { code: error.code, reason: error.message } };
  }
  if (isDiskError(error)) {
    const reason = `the output cannot be written (${error.code ?? ''}); run again once there is room`;
    return { pending: { code: 'disk', reason } };
  }
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return { failed: { code: 'source_changed', reason: 'the file is gone' } };
  }
  throw error;
}

function pending(code: PendingCode, reason: string): End {
  return { pending: { code, reason } };
}
