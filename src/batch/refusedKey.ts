import type { ApiError } from '../api/apiError.ts';
import type { Connection } from '../api/keyRing.ts';
import type { Job } from '../core/job.ts';
import type { Step } from './advance.ts';
import type { BatchDeps, BatchState } from './deps.ts';
import { gateFor } from './gate.ts';

type JobOnServer = Extract<Job, { keyFingerprint: string }>;

/** The service by the key that created the job; by the key for new work where that is not given. */
export function connectionOf(job: Job, deps: BatchDeps): Connection {
  const own = 'keyFingerprint' in job ? deps.connectionFor(job.keyFingerprint) : undefined;
  return own ?? { api: deps.api, apiOnce: deps.apiOnce };
}

/**
 * A key was refused: no job is asked about with it again. When it was the key for new work and the
 * user has put no other in its place, the run takes on nothing more; no clip fails for it.
 */
export async function keyRefused(
  fingerprint: string,
  error: ApiError,
  deps: BatchDeps,
  state: BatchState,
): Promise<void> {
  state.refusedKeys.add(fingerprint);
  if (!(await deps.renewKey(fingerprint, deps.signal))) state.gate ??= gateFor(error);
}

/** Why a job has to wait for another key than those at hand. */
export function otherKey(job: JobOnServer, state: BatchState): string {
  const whose = `job \`${job.jobId}\` belongs to the API key with fingerprint ${job.keyFingerprint}`;
  return state.refusedKeys.has(job.keyFingerprint)
    ? `${whose}, which the service refuses`
    : `${whose}; run again with that key, or name its file in RBGV_PREVIOUS_API_KEY_FILES`;
}

/** What becomes of a job whose key the service refused in this run, where it needs that key. */
export function refusedKeyStep(job: Job, deps: BatchDeps, state: BatchState): Step | undefined {
  switch (job.state) {
    case 'created':
    case 'unclear':
    case 'started': {
      if (!state.refusedKeys.has(deps.api.keyFingerprint)) return undefined;
      if (state.gate !== undefined) return { pending: state.gate };
      // Never started, so that another key may begin anew.
      if (job.state === 'created' && job.startTries === 0) return { event: { type: 'draft_lost' } };
      return { pending: { code: 'invisible', reason: otherKey(job, state) } };
    }
    default:
      return undefined;
  }
}
