import { ApiError } from '../api/apiError.ts';
import { startEvidence } from '../core/evidence.ts';
import type { Job } from '../core/job.ts';
import type { JobView } from '../core/jobView.ts';
import type { ClipContext, Step } from './advance.ts';
import { waitForCredits } from './creditsHold.ts';
import type { BatchState, Gate } from './deps.ts';
import { brokenContract } from './gate.ts';

/** Starts that one run sends for one clip before it leaves it for another day. */
const MOST_STARTS = 4;
const MOST_REFUSALS = 100;
const MOST_RESTARTS = 3;
/** No paid start without room for what it will bring: a guess of its size, and some to spare. */
const OUTPUT_PER_INPUT = 2;
const DISK_RESERVE_BYTES = 200_000_000;

/**
 * Looks at the draft before any money moves: it must be there, and it must still be a draft. Returns
 * the intent when the start can be sent at once: there are credits, a place, and it is its turn.
 */
export async function intendStart(
  job: Extract<Job, { state: 'created' }>,
  context: ClipContext,
): Promise<Step> {
  const { deps, state } = context;
  // Known from its creation, and money spent: this comes before any gate.
  if (context.draft !== undefined && isStarted(context.draft, context)) {
    return startedByItself(job.jobId, state);
  }
  if (!mayStartAgain(context)) {
    return { pending: { code: 'unavailable', reason: 'the service refuses to start it now' } };
  }
  for (;;) {
    await waitForCredits(job.key, deps, state);
    const shut = gateOf(state);
    if (shut !== undefined) return { pending: shut };
    const early = context.notBefore - deps.clock.monotonic();
    if (early > 0) await deps.clock.sleep(early, deps.signal);
    context.slot ??= await state.slots.take(deps.signal);
    const obstacle = await lookAtDraft(job, context);
    if (obstacle !== undefined) return obstacle;
    context.turn ??= await deps.api.turnToStart(deps.signal);
    // The account may have run dry while this one waited.
    const gate = gateOf(state);
    if (gate !== undefined) return { pending: gate };
    if (state.hold === undefined || state.hold.asker === job.key) {
      return { event: { type: 'start_intended', session: deps.runId } };
    }
    leaveLine(context);
  }
}

/** Gives back the turn to start and the place among the jobs at work, if any. */
export function leaveLine(context: ClipContext): void {
  endTurn(context);
  context.slot?.();
  context.slot = undefined;
}

/** Gives back the turn to start, if any. */
export function endTurn(context: ClipContext): void {
  context.turn?.();
  context.turn = undefined;
}

/** @returns what stands in the way of a start; `undefined` when nothing does */
async function lookAtDraft(
  job: Extract<Job, { state: 'created' }>,
  context: ClipContext,
): Promise<Step | undefined> {
  const { deps, state } = context;
  try {
    context.draft ??= await deps.api.getJob(job.jobId, deps.signal);
  } catch (error) {
    const missing = error instanceof ApiError && error.status === 404;
    if (missing && job.startTries > 0 && job.keyFingerprint !== deps.api.keyFingerprint) {
      return { pending: { code: 'invisible', reason: otherKey(job) } };
    }
    if (!missing || job.startTries > 0 || context.restarts >= MOST_RESTARTS) throw error;
    context.restarts += 1;
    return { event: { type: 'draft_lost' } };
  }
  const room = await deps.freeBytes(context.item.wantedPath);
  if (room < context.item.clip.sizeBytes * OUTPUT_PER_INPUT + DISK_RESERVE_BYTES) {
    const reason = `only ${Math.floor(room / 1e6)} MB are free for the output; nothing was charged`;
    return { pending: { code: 'disk', reason } };
  }
  return isStarted(context.draft, context) ? startedByItself(job.jobId, state) : undefined;
}

function isStarted(draft: JobView, { plan, deps }: ClipContext): boolean {
  const draftWord = deps.ledger.fact(plan.scope, 'draft_word');
  return startEvidence(draft, draftWord) === 'started';
}

function startedByItself(jobId: string, state: BatchState): Step {
  state.gate ??= brokenContract(jobId);
  return { event: { type: 'started', evidence: 'the server started it by itself' } };
}

/** Read anew: other clips shut it while this one waits. */
function gateOf({ gate }: BatchState): Gate | undefined {
  return gate;
}

/** Whether this run may send one more start for this clip. */
export function mayStartAgain({ starts, refusals }: ClipContext): boolean {
  return starts < MOST_STARTS && refusals < MOST_REFUSALS;
}

/** Why a job of another key cannot be seen. */
export function otherKey(job: { readonly jobId: string; readonly keyFingerprint: string }): string {
  return `job \`${job.jobId}\` belongs to the API key with fingerprint ${job.keyFingerprint}; run again with that key`;
}
