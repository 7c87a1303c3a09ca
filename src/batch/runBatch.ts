import PQueue from 'p-queue';

import { NO_CREDITS } from '../core/credits.ts';
import type { RejectedClip } from '../core/clip.ts';
import type { Model } from '../core/model.ts';
import type { Outcome } from '../core/outcome.ts';
import { createFlights } from './budget.ts';
import type { BatchDeps, BatchState } from './deps.ts';
import type { Plan } from './plan.ts';
import { createPoller, type JobTimes } from './poller.ts';
import { runClip, type KeyLock } from './runClip.ts';

/**
 * Carries out a plan that was agreed to. Never prints, prompts or exits; the failure of a clip is
 * a value.
 *
 * @returns one outcome for each planned clip and each rejected one, in the plan's order
 * @throws RbgvError of category `ledger`, and anything that is a bug
 */
export async function runBatch(plan: Plan, deps: BatchDeps): Promise<readonly Outcome[]> {
  const times = jobTimes(plan, deps.ledger);
  const poller = createPoller({ ...deps, times, requestsPerSecond: () => Infinity });
  deps.onHint?.(poller.hint);
  const flights = createFlights();
  const unknown = { gate: undefined, hold: undefined, canary: undefined };
  const state: BatchState = { ...unknown, poller, flights };
  const lock = createKeyLock();
  const pool = new PQueue({ concurrency: deps.concurrency });
  const record = (outcome: Outcome): Outcome => {
    deps.ledger.setClipOutcome(deps.runId, outcome);
    deps.report({ type: 'clip_outcome', outcome });
    return outcome;
  };
  const rejected = plan.rejected.map((clip) => record(rejection(clip, plan.settings.model)));
  const worked = await Promise.all(
    plan.items.map((item) =>
      pool.add(async () => record(await runClip(item, plan, deps, state, lock))),
    ),
  );
  return [...worked, ...rejected];
}

/** The ledger remembers them, so that the next run knows when to look. */
function jobTimes({ scope, settings }: Plan, ledger: BatchDeps['ledger']): JobTimes {
  let latest = ledger.jobTimes(scope, settings.model);
  return {
    latest: () => latest,
    add(ratio) {
      ledger.addJobTime(scope, settings.model, ratio);
      latest = ledger.jobTimes(scope, settings.model);
    },
  };
}

function rejection({ path, relativePath, code, reason }: RejectedClip, model: Model): Outcome {
  return {
    path,
    relativePath,
    model,
    durationSeconds: undefined,
    credits: NO_CREDITS,
    jobId: undefined,
    elapsedMs: 0,
    status: 'rejected',
    code,
    reason,
  };
}

/** The same bytes twice in one run: the second clip waits, then finds the work done. */
function createKeyLock(): KeyLock {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
}
