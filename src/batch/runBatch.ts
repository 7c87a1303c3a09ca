import PQueue from 'p-queue';

import { NO_CREDITS } from '../core/credits.ts';
import type { RejectedClip } from '../core/clip.ts';
import type { Outcome } from '../core/outcome.ts';
import { sideBySide } from '../core/sideBySide.ts';
import type { JobSettings } from '../core/settings.ts';
import { createFlights } from './budget.ts';
import type { BatchDeps, BatchState } from './deps.ts';
import { modelsOf, type Plan } from './plan.ts';
import { createJobSlots } from './jobSlots.ts';
import { createPoller, type Poller } from './poller.ts';
import type { JobTimes } from './watchedJobs.ts';
import { runClip, type KeyLock } from './runClip.ts';
import { createAlertTeller } from './tellAlerts.ts';
import { settleInPlace } from './inPlace.ts';
import { inWorkOrder } from './inWorkOrder.ts';

/**
 * Clips under way beyond those whose job is at work: uploading, waiting as drafts, downloading, in
 * check. All others wait as data, so memory does not grow with the plan; and while outputs pile up
 * nothing new is begun.
 */
const AHEAD = 12;
/** Enough for the disk; more would only make the first file wait for the others. */
const READERS = 2;
/** Outputs decoded at the same time. */
const CHECKERS = 4;
import { createStartTurns } from './startTurn.ts';

/**
 * Carries out a plan that was agreed to. Never prints, prompts or exits; the failure of a clip is
 * a value.
 *
 * @returns one outcome for each planned clip and each rejected one, in the plan's order
 * @throws RbgvError of category `ledger`, and anything that is a bug
 */
export async function runBatch(plan: Plan, given: BatchDeps): Promise<readonly Outcome[]> {
  const state: BatchState = {
    gate: undefined,
    hold: undefined,
    turns: createStartTurns(),
    refusedKeys: new Set(),
    pollerFor: createPollers(plan, given),
    canary: undefined,
    flights: createFlights(),
    slots: createJobSlots(given.concurrency),
    tellAlerts: createAlertTeller(given, plan.scope),
    reading: new PQueue({ concurrency: READERS }),
  };
  const checking = new PQueue({ concurrency: CHECKERS });
  const deps: BatchDeps = {
    ...given,
    // A key that is renewed in the run must count from then on.
    get api() {
      return given.api;
    },
    get apiOnce() {
      return given.apiOnce;
    },
    verify: (path, expected) => checking.add(() => given.verify(path, expected)),
  };
  const lock = createKeyLock();
  const record = (outcome: Outcome, wantedPath?: string): Outcome => {
    deps.ledger.setClipOutcome(deps.runId, outcome, wantedPath);
    deps.report({ type: 'clip_outcome', outcome });
    return outcome;
  };
  const rejected = plan.rejected.map((clip) => record(rejection(clip, plan.settings)));
  const settled = await settleInPlace(plan, deps.runId, deps.ledger, deps.signal);
  for (const outcome of settled.values()) deps.report({ type: 'clip_outcome', outcome });
  const outcomes = new Map(settled);
  const unsettled = plan.items.filter((item) => !settled.has(item));
  await sideBySide(deps.concurrency + AHEAD, inWorkOrder(unsettled, deps.order), async (item) => {
    outcomes.set(item, record(await runClip(item, plan, deps, state, lock), item.wantedPath));
  });
  const worked = plan.items.flatMap((item) => outcomes.get(item) ?? []);
  return [...worked, ...rejected];
}

/** One poller for each key, as a key sees only its own jobs. */
function createPollers(plan: Plan, deps: BatchDeps): BatchState['pollerFor'] {
  const times = jobTimes(plan, deps.ledger);
  const pollers = new Map<string, Poller>();
  deps.onHint?.((jobId) => {
    for (const poller of pollers.values()) poller.hint(jobId);
  });
  return ({ api, apiOnce }) => {
    const known = pollers.get(api.keyFingerprint);
    if (known !== undefined) return known;
    const { requestsPerSecond } = api;
    const poller = createPoller({ ...deps, api, apiOnce, times, requestsPerSecond });
    pollers.set(api.keyFingerprint, poller);
    return poller;
  };
}

/**
 * The ledger remembers them, so that the next run knows when to look. Where models are mixed, the
 * mixture has times of its own.
 */
function jobTimes(plan: Plan, ledger: BatchDeps['ledger']): JobTimes {
  const { scope } = plan;
  const models = modelsOf(plan).join('+');
  let latest = ledger.jobTimes(scope, models);
  return {
    latest: () => latest,
    add(ratio) {
      ledger.addJobTime(scope, models, ratio);
      latest = ledger.jobTimes(scope, models);
    },
  };
}

function rejection(
  { path, relativePath, code, reason }: RejectedClip,
  { model, format }: JobSettings,
): Outcome {
  return {
    path,
    relativePath,
    model,
    format,
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
