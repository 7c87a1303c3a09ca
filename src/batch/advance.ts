import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { retryDelayMs } from '../core/backoff.ts';
import type { Job, JobEvent } from '../core/job.ts';
import type { JobView } from '../core/jobView.ts';
import { ALPHA_FORMATS, AUDIO_FORMATS } from '../core/model.ts';
import type { PendingCode } from '../core/outcome.ts';
import { copyOutput, publishOutput } from './publish.ts';
import { releaseHold, waitForCredits } from './creditsHold.ts';
import type { BatchDeps, BatchState } from './deps.ts';
import { createDraft, refusesUpload } from './draft.ts';
import { fetchOutput, partPathOf } from './fetchOutput.ts';
import { intendStart, mayStartAgain, otherKey } from './intendStart.ts';
import type { Plan, PlannedClip } from './plan.ts';
import { resolveStart, sendStart } from './start.ts';

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
  /** Starts that this run has sent for it, not counting those refused for the rate. */
  starts: number;
  /** Starts refused because there were too many requests or jobs. */
  refusals: number;
  /** On the clock that never jumps: no further start before. */
  notBefore: number;
  /** How often a lost upload or draft was begun again. */
  restarts: number;
  /** Gives back the turn to start. */
  turn: (() => void) | undefined;
  /** Gives back the place among the jobs at work. */
  slot: (() => void) | undefined;
}

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
      return intendStart(job, context);

    case 'starting': {
      context.starts += 1;
      const { event, tooMany, retryAfterMs } = await sendStart(job, plan, deps, state);
      if (tooMany) {
        context.starts -= 1;
        context.refusals += 1;
      }
      if (event.type === 'start_refused') {
        const attempt = context.starts + context.refusals;
        context.notBefore =
          deps.clock.monotonic() + retryDelayMs(attempt, retryAfterMs, deps.random);
      } else {
        releaseHold(job.key, state);
      }
      return { event };
    }

    case 'unclear': {
      context.slot ??= state.slots.occupy();
      const evidence = await resolveStart(job, plan.scope, deps);
      if (evidence === 'started') return { event: { type: 'started', evidence: 'seen later' } };
      if (evidence === 'not_started' && mayStartAgain(context)) {
        context.turn ??= await deps.api.turnToStart(deps.signal);
        if (state.gate !== undefined) return { pending: state.gate };
        return { event: { type: 'start_intended', session: deps.runId } };
      }
      const reason = `nobody can tell whether job \`${job.jobId}\` was started; it was not started again`;
      return { pending: { code: 'unclear_start', reason } };
    }

    case 'started': {
      context.slot ??= state.slots.occupy();
      const result = await state.poller.wait({
        jobId: job.jobId,
        clipMs: item.clip.media.durationUs / 1000,
        isFresh: context.starts > 0,
        onProgress: progress(context, 'processing'),
      });
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
        case 'verified': {
          const { output, steadiness } = result;
          return { event: { type: 'verified', output, steadiness } };
        }
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
    if ('code' in view) return { pending: view };
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
