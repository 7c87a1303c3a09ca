import { ApiError } from '../api/apiError.ts';
import { startEvidence, type StartEvidence } from '../core/evidence.ts';
import type { Job, JobEvent } from '../core/job.ts';
import { holdForCredits } from './creditsHold.ts';
import type { BatchDeps, BatchState } from './deps.ts';
import { gateFor } from './gate.ts';
import type { PlannedClip } from './plan.ts';
import { keyRefused } from './refusedKey.ts';
import { slowDown } from './startTurn.ts';

type StartingJob = Extract<Job, { state: 'starting' }>;
type UnclearJob = Extract<Job, { state: 'unclear' }>;

/** What a start came to. */
export interface StartResult {
  readonly event: JobEvent;
  /** It was refused for the number of requests or jobs alone: the same start may be sent later. */
  readonly tooMany: boolean;
  /** Milliseconds the server asked to wait. */
  readonly retryAfterMs: number | undefined;
}

/** The paid call is not cut short by the first ^C: its answer is worth more than a second. */
const NEVER = new AbortController().signal;

/**
 * Sends the paid start, once. The intent is on disk already; whatever happens here becomes an event:
 * carried out, refused for certain, or unclear. The caller has waited for its turn.
 */
export async function sendStart(
  job: StartingJob,
  { settings }: Pick<PlannedClip, 'settings'>,
  scope: string,
  deps: BatchDeps,
  state: BatchState,
): Promise<StartResult> {
  const result = (event: JobEvent): StartResult => ({
    event,
    tooMany: false,
    retryAfterMs: undefined,
  });
  if (job.session !== deps.runId) {
    return result({ type: 'start_unclear', reason: 'the process ended before the answer came' });
  }
  try {
    const { status, requestId } = await deps.api.startJob(job.jobId, settings, NEVER);
    const evidence = `start answered \`${status ?? ''}\``;
    return result({ type: 'started', evidence, requestId });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const reason = `${error.code}: ${error.message}`;
    if (error.isTooManyJobs) state.slots.tooMany();
    const tooMany = error.status === 429 || error.isTooManyJobs;
    const refused = error.isOutOfCredits || error.isAuthFailure || tooMany;
    if (error.outcome === 'not_sent' || (error.outcome === 'definite' && refused)) {
      // An earlier, unclear start of this job may have been what used the credits up.
      if (job.startTries > 1 && (await lookForStart(job.jobId, scope, deps)) === 'started') {
        return result({ type: 'started', evidence: `seen after \`${error.code}\`` });
      }
      if (error.isOutOfCredits && deps.waitCredits) {
        holdForCredits(job.key, state);
        slowDown(state);
      } else if (error.isAuthFailure) {
        await keyRefused(deps.api.keyFingerprint, error, deps, state);
      } else {
        state.gate ??= gateFor(error);
      }
      const { retryAfterMs } = error;
      return { event: { type: 'start_refused', reason }, tooMany, retryAfterMs };
    }
    return result({ type: 'start_unclear', reason });
  }
}

const ROUNDS = 3;

/**
 * Finds out what became of a start whose answer never came. A start can be carried out long after
 * the client gave up, so `not started` only counts after the quiet time, counted on the clock that
 * never jumps, from now: after a crash nobody knows how long ago it was sent.
 *
 * @returns `started`; `not_started`, when one more start of the same job is safe; else `unclear`
 */
export async function resolveStart(
  job: UnclearJob,
  scope: string,
  deps: BatchDeps,
): Promise<StartEvidence> {
  for (let round = 1; ; round += 1) {
    const evidence = await lookForStart(job.jobId, scope, deps);
    if (evidence === 'started') return evidence;
    if (evidence === 'not_started' && round > 1) return evidence;
    if (round === ROUNDS) return 'unclear';
    await deps.clock.sleep(deps.quietMs, deps.signal);
  }
}

async function lookForStart(jobId: string, scope: string, deps: BatchDeps): Promise<StartEvidence> {
  try {
    const view = await deps.api.getJob(jobId, deps.signal);
    return startEvidence(view, deps.ledger.fact(scope, 'draft_word'));
  } catch (error) {
    // 404 is no proof: a job of another key answers the same.
    if (error instanceof ApiError && error.status === 404) return 'unclear';
    throw error;
  }
}
