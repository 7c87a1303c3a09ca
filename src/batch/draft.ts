import { ApiError } from '../api/apiError.ts';
import { findCreated } from '../api/findCreated.ts';
import { startEvidence } from '../core/evidence.ts';
import type { Job } from '../core/job.ts';
import type { JobView } from '../core/jobView.ts';
import type { JobSettings } from '../core/settings.ts';
import type { BatchDeps, BatchState, Gate } from './deps.ts';
import { brokenContract } from './gate.ts';

type UploadedJob = Extract<Job, { state: 'uploaded' }>;

/**
 * Creates a free draft. The first of each run goes alone, as a canary: it shows that the server
 * honours `auto_start: false`, and which word it uses for drafts (the vendor's pages disagree).
 *
 * @returns the gate instead, when it was shut while this one waited for the canary
 */
export async function createDraft(
  job: UploadedJob,
  settings: JobSettings,
  scope: string,
  deps: BatchDeps,
  state: BatchState,
): Promise<JobView | Gate> {
  for (let canary = state.canary; canary !== undefined; canary = state.canary) {
    const lives = await canary.then(
      () => true,
      () => false,
    );
    if (lives) return state.gate ?? create(job, settings, deps);
    // The canary of another clip failed: the next in line becomes the canary.
  }
  let view: JobView | undefined;
  state.canary = (async () => {
    // Before it is known that this server makes drafts, even a create may cost: it is not repeated.
    const known = deps.ledger.fact(scope, 'draft_word') !== undefined;
    const created = known
      ? await create(job, settings, deps)
      : await createOnce(job, settings, deps);
    // One that says it is started already is money spent: known from here on, look or no look.
    if (startEvidence(created, undefined) === 'started') {
      // The others stop here: each further draft would cost as well.
      state.gate ??= brokenContract(created.id);
      view = created;
      return;
    }
    view = await deps.api.getJob(created.id, deps.signal);
    if (startEvidence(view, undefined) !== 'started' && view.status !== undefined) {
      deps.ledger.setFact(scope, 'draft_word', view.status);
    }
  })();
  try {
    await state.canary;
  } catch (error) {
    state.canary = undefined;
    throw error;
  }
  if (view === undefined) throw new Error('the canary draft was not read');
  return view;
}

/**
 * Looks before and after: the answer of an earlier run, or of this one, may have been lost. Sends
 * the draft again only when it was refused for the number of requests: then nothing was made.
 */
async function createOnce(
  job: UploadedJob,
  settings: JobSettings,
  deps: BatchDeps,
): Promise<JobView> {
  const { api, signal } = deps;
  const earlier = await findCreated(api, { rbgv_k: job.key }, signal);
  if (earlier !== undefined && startEvidence(earlier, undefined) === 'started') return earlier;
  const metadata = metadataOf(job, deps);
  try {
    return await api.createDraft(job.videoUrl, settings, metadata, signal, 'never_blindly');
  } catch (error) {
    if (!(error instanceof ApiError) || error.outcome !== 'ambiguous') throw error;
    const made = await findCreated(api, metadata, signal);
    if (made === undefined) throw error;
    return made;
  }
}

async function create(job: UploadedJob, settings: JobSettings, deps: BatchDeps): Promise<JobView> {
  return deps.api.createDraft(job.videoUrl, settings, metadataOf(job, deps), deps.signal);
}

/** Flat strings without paths or names: an aid for finding our own jobs, nothing more. */
function metadataOf(job: UploadedJob, deps: BatchDeps): Readonly<Record<string, string>> {
  return { rbgv_k: job.key, rbgv_run: deps.runId };
}

/** Whether the server says that the upload behind a draft is not there or not acceptable. */
export function refusesUpload(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.outcome === 'definite' &&
    (error.status === 400 || error.status === 404 || error.status === 422)
  );
}
