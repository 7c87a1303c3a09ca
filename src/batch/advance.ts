import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { ApiError } from '../api/apiError.ts';
import { startEvidence } from '../core/evidence.ts';
import type { Job, JobEvent } from '../core/job.ts';
import type { JobView } from '../core/jobView.ts';
import { ALPHA_FORMATS, AUDIO_FORMATS } from '../core/model.ts';
import type { PendingCode } from '../core/outcome.ts';
import { copyOutput, publishOutput } from './publish.ts';
import { releaseHold, waitForCredits } from './creditsHold.ts';
import type { BatchDeps, BatchState } from './deps.ts';
import { createDraft, refusesUpload } from './draft.ts';
import { fetchOutput, partPathOf } from './fetchOutput.ts';
import type { Plan, PlannedClip } from './plan.ts';
import { resolveStart, sendStart } from './start.ts';
import { waitForJob } from './waitForJob.ts';

/** What a step leads to: the next event of the job, or the end of this clip's run. */
export type Step =
  | { readonly event: JobEvent }
  | { readonly delivered: string }
  | { readonly failed: { readonly code: string; readonly reason: string } }
  | { readonly pending: { readonly code: PendingCode; readonly reason: string } };

/** What one clip's way through a run needs to remember between its steps. */
export interface ClipContext {
  readonly item: PlannedClip;
  readonly plan: Plan;
  readonly deps: BatchDeps;
  readonly state: BatchState;
  /** The draft as this run saw it; `undefined` for one of an earlier run. */
  draft: JobView | undefined;
  /** Starts that this run has sent for it. */
  starts: number;
  /** How often a lost upload or draft was begun again. */
  restarts: number;
}

/** Starts that one run sends for one clip before it leaves it for another day. */
const MOST_STARTS = 4;
const MOST_RESTARTS = 3;
/** No paid start without room for what it will bring: a guess of its size, and some to spare. */
const OUTPUT_PER_INPUT = 2;
const DISK_RESERVE_BYTES = 200_000_000;

/**
 * Takes one step with a job: does what its state calls for and says what came of it. The table of
 * ARCHITECTURE.md in code; costs money only in `starting`.
 */
export async function advance(job: Job, context: ClipContext): Promise<Step> {
  const { item, plan, deps, state } = context;
  const partPath = partPathOf(item.wantedPath, job.key);
  switch (job.state) {
    case 'planned':
      await waitForCredits(job.key, deps, state);
      if (state.gate !== undefined) return { pending: state.gate };
      return upload(context);

    case 'uploaded':
      await waitForCredits(job.key, deps, state);
      if (state.gate !== undefined) return { pending: state.gate };
      return draft(job, context);

    case 'created':
      if (state.hold?.asker === job.key) context.starts = 0;
      await waitForCredits(job.key, deps, state);
      if (state.gate !== undefined) return { pending: state.gate };
      return intendStart(job, context);

    case 'starting': {
      context.starts += 1;
      const event = await sendStart(job, context.starts, plan, deps, state);
      if (event.type !== 'start_refused') releaseHold(job.key, state);
      return { event };
    }

    case 'unclear': {
      const evidence = await resolveStart(job, plan.scope, deps);
      if (evidence === 'started') return { event: { type: 'started', evidence: 'seen later' } };
      if (evidence === 'not_started' && context.starts < MOST_STARTS) {
        if (state.gate !== undefined) return { pending: state.gate };
        return { event: { type: 'start_intended', session: deps.runId } };
      }
      const reason = `nobody can tell whether job \`${job.jobId}\` was started; it was not started again`;
      return { pending: { code: 'unclear_start', reason } };
    }

    case 'started': {
      const { durationUs } = item.clip.media;
      const report = progress(context, 'processing');
      const result = await waitForJob(job.jobId, durationUs / 1000, report, deps);
      switch (result.kind) {
        case 'completed':
          return { event: { type: 'processed' } };
        case 'failed': {
          const reason = result.view.error ?? 'the service gave no reason';
          return {
            event: { type: 'failed', reason, billingStatus: result.view.billingStatus },
          };
        }
        case 'timeout':
          return { pending: { code: 'timeout', reason: `job \`${job.jobId}\` is still at work` } };
        case 'lost': {
          if (job.keyFingerprint !== deps.api.keyFingerprint) {
            return { pending: { code: 'invisible', reason: otherKey(job) } };
          }
          const reason = `the service no longer knows job \`${job.jobId}\`; it may have been charged`;
          return { failed: { code: 'lost_remote', reason } };
        }
      }
    }

    case 'processed': {
      const { format, background } = plan.settings;
      const expected = {
        format,
        durationUs: item.clip.media.durationUs,
        framesPerSecond: item.clip.media.framesPerSecond,
        transparent: background.type === 'transparent' && ALPHA_FORMATS.has(format),
        audio: item.clip.media.hasAudio && AUDIO_FORMATS.has(format),
      };
      const report = progress(context, 'download');
      const result = await fetchOutput(job.jobId, partPath, expected, report, deps);
      switch (result.kind) {
        case 'verified':
          return { event: { type: 'verified', output: result.output } };
        case 'bad':
          return { failed: { code: result.code, reason: result.reason } };
        case 'unreachable':
          return { pending: { code: 'unavailable', reason: result.reason } };
      }
    }

    case 'verified': {
      const path = await publishOutput(partPath, item.wantedPath, job.output, deps.ledger);
      if (path === undefined) return { event: { type: 'output_lost' } };
      deps.ledger.recordDelivery(job.key, item.wantedPath, { path, ...job.output });
      return { event: { type: 'published' } };
    }

    case 'done': {
      const delivery = deps.ledger.delivery(job.key, item.wantedPath);
      const others = deps.ledger.deliveries(job.key);
      const known = delivery === undefined ? others : [delivery, ...others];
      const wantedPath = delivery?.path ?? item.wantedPath;
      const path = await copyOutput(known, partPath, wantedPath, job.output, deps.ledger);
      if (path === undefined) return { event: { type: 'output_lost' } };
      deps.ledger.recordDelivery(job.key, item.wantedPath, { path, ...job.output });
      return { delivered: path };
    }

    case 'failed':
      return { failed: { code: 'job_failed', reason: job.reason } };
  }
}

function otherKey(job: { readonly jobId: string; readonly keyFingerprint: string }): string {
  return `job \`${job.jobId}\` belongs to the API key with fingerprint ${job.keyFingerprint}; run again with that key`;
}

function progress(
  { deps, item }: ClipContext,
  phase: 'upload' | 'processing' | 'download',
): (fraction: number) => void {
  const { relativePath } = item.clip;
  return (fraction) => deps.report({ type: 'clip_progress', relativePath, phase, fraction });
}

async function upload(context: ClipContext): Promise<Step> {
  const { item, deps } = context;
  const { path, sizeBytes, mtimeMs } = item.clip;
  const fileName = basename(path);
  const onProgress = progress(context, 'upload');
  const answer = await deps.api.upload({ path, fileName, sizeBytes, onProgress }, deps.signal);
  const now = await stat(path);
  if (now.size !== sizeBytes || now.mtimeMs !== mtimeMs) {
    const reason = 'the file changed while it was uploaded; nothing was charged';
    return { failed: { code: 'source_changed', reason } };
  }
  if (answer.sizeBytes !== undefined && answer.sizeBytes !== sizeBytes) {
    const reason = `the service received ${answer.sizeBytes} of ${sizeBytes} bytes; nothing was charged`;
    return { failed: { code: 'upload_incomplete', reason } };
  }
  return { event: { type: 'uploaded', videoUrl: answer.videoUrl } };
}

async function draft(
  job: Extract<Job, { state: 'uploaded' }>,
  context: ClipContext,
): Promise<Step> {
  const { plan, deps, state } = context;
  try {
    const view = await createDraft(job, plan.settings, plan.scope, deps, state);
    context.draft = view;
    const keyFingerprint = deps.api.keyFingerprint;
    return { event: { type: 'created', jobId: view.id, keyFingerprint } };
  } catch (error) {
    // An upload of an earlier day may be gone: sending it again is free, and tried once.
    if (refusesUpload(error) && context.restarts === 0) {
      context.restarts += 1;
      return { event: { type: 'upload_lost' } };
    }
    throw error;
  }
}

/** Looks at the draft before any money moves: it must be there, and it must still be a draft. */
async function intendStart(
  job: Extract<Job, { state: 'created' }>,
  context: ClipContext,
): Promise<Step> {
  const { plan, deps, state } = context;
  if (context.starts >= MOST_STARTS) {
    return { pending: { code: 'unavailable', reason: 'the service refuses to start it now' } };
  }
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
  const draftWord = deps.ledger.fact(plan.scope, 'draft_word');
  if (startEvidence(context.draft, draftWord) === 'started') {
    const reason = `the service started job \`${job.jobId}\` although a draft was asked for`;
    state.gate ??= { code: 'broken_contract', reason };
    return { event: { type: 'started', evidence: 'the server started it by itself' } };
  }
  return { event: { type: 'start_intended', session: deps.runId } };
}
