import { basename } from 'node:path';

import { retryDelayMs } from '../core/backoff.ts';
import { isFramesPath } from '../core/frames.ts';
import type { Job, JobEvent } from '../core/job.ts';
import type { JobView } from '../core/jobView.ts';
import { ALPHA_FORMATS, AUDIO_FORMATS } from '../core/model.ts';
import type { PendingCode } from '../core/outcome.ts';
import { copyOutput, publishOutput } from './publish.ts';
import { billOf, waitForRoom } from './budget.ts';
import { releaseHold, waitForCredits } from './creditsHold.ts';
import type { BatchDeps, BatchState } from './deps.ts';
import { createDraft, refusesUpload } from './draft.ts';
import { fetchOutput, partPathOf } from './fetchOutput.ts';
import { intendStart, mayStartAgain } from './intendStart.ts';
import type { Plan, PlannedClip } from './plan.ts';
import { connectionOf, otherKey, refusedKeyStep } from './refusedKey.ts';
import { resolveStart, sendStart } from './start.ts';
import { leaveTurns, outputIsReady, turnSucceeded } from './startTurn.ts';

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
  /** Of the clip's bytes. */
  readonly sha256: string;
  /** The draft as this run saw it; `undefined` for one of an earlier run. */
  draft: JobView | undefined;
  /** Where its output is, as this run saw it when the job had ended; `undefined` otherwise. */
  outputUrl: string | undefined;
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
  const { item, plan, state } = context;
  // As they are now: a key that is renewed meanwhile counts from the next step on.
  const deps = { ...context.deps, ...connectionOf(job, context.deps) };
  const refusal = refusedKeyStep(job, deps, state);
  if (refusal !== undefined) return refusal;
  const partPath = partPathOf(item.wantedPath, job.key);
  switch (job.state) {
    case 'planned': {
      await waitForCredits(job.key, deps, state);
      if (state.gate !== undefined) return { pending: state.gate };
      // What will not be started need not be uploaded.
      const noRoom = await waitForRoom(job.key, plan.scope, deps, state);
      return noRoom === undefined ? upload(context, deps) : { pending: noRoom };
    }

    case 'uploaded':
      await waitForCredits(job.key, deps, state);
      if (state.gate !== undefined) return { pending: state.gate };
      return draft(job, context, deps);

    case 'created':
      if (state.hold?.asker === job.key) context.starts = 0;
      return intendStart(job, context, deps);

    case 'starting': {
      context.starts += 1;
      const { event, tooMany, retryAfterMs } = await sendStart(job, item, plan.scope, deps, state);
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
        const noRoom = await waitForRoom(job.key, plan.scope, deps, state);
        if (noRoom !== undefined) return { pending: noRoom };
        context.turn ??= await deps.api.turnToStart(deps.signal);
        if (state.gate !== undefined) return { pending: state.gate };
        return { event: { type: 'start_intended', session: deps.runId } };
      }
      const reason = `nobody can tell whether job \`${job.jobId}\` was started; it was not started again`;
      return { pending: { code: 'unclear_start', reason } };
    }

    case 'started': {
      turnSucceeded(job.key, deps, state);
      context.slot ??= state.slots.occupy();
      const result = await state.pollerFor(deps).wait({
        jobId: job.jobId,
        clipMs: item.clip.media.durationUs / 1000,
        isFresh: context.starts > 0,
        onProgress: progress(context, 'processing'),
      });
      switch (result.kind) {
        case 'completed':
          context.outputUrl = result.view.outputUrl;
          return { event: { type: 'processed', billed: billOf(result.view) } };
        case 'failed': {
          const reason = result.view.error ?? 'the service gave no reason';
          const { billingStatus } = result.view;
          const billed = billOf(result.view);
          return { event: { type: 'failed', reason, billingStatus, billed } };
        }
        case 'timeout':
          return { pending: { code: 'timeout', reason: `job \`${job.jobId}\` is still at work` } };
        case 'lost': {
          if (job.keyFingerprint !== deps.api.keyFingerprint) {
            return { pending: { code: 'invisible', reason: otherKey(job, state) } };
          }
          const reason = `the service no longer knows job \`${job.jobId}\`; it may have been charged`;
          return { failed: { code: 'lost_remote', reason } };
        }
      }
    }

    case 'processed': {
      outputIsReady(job.key, state);
      const { format, background } = item.settings;
      const expected = {
        format,
        durationUs: item.clip.media.durationUs,
        framesPerSecond: item.clip.media.framesPerSecond,
        transparent: background.type === 'transparent' && ALPHA_FORMATS.has(format),
        audio: item.clip.media.hasAudio && AUDIO_FORMATS.has(format),
      };
      const report = progress(context, 'download');
      const unpack = format === 'png_sequence' && isFramesPath(item.wantedPath);
      const target = { partPath, unpack };
      const { jobId } = job;
      const { outputUrl } = context;
      const result = await fetchOutput({ jobId, outputUrl }, target, expected, report, deps);
      // It may have run out by the time the output is lost and fetched again.
      context.outputUrl = undefined;
      switch (result.kind) {
        case 'verified': {
          const { output, steadiness } = result;
          return { event: { type: 'verified', output, steadiness } };
        }
        case 'bad': {
          const reason = `${result.reason} (job \`${job.jobId}\`, fetched three times)`;
          return { failed: { code: 'output_bad', reason } };
        }
        case 'unreachable': {
          const reason = `the output of job \`${job.jobId}\` is out of reach: ${result.reason}`;
          return { pending: { code: 'output_unreachable', reason } };
        }
      }
    }

    case 'verified': {
      leaveTurns(job.key, state);
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
      const copy = await copyOutput(known, partPath, wantedPath, deps.ledger);
      if (copy === undefined) return { event: { type: 'output_lost' } };
      deps.ledger.recordDelivery(job.key, item.wantedPath, copy);
      return { delivered: copy.path };
    }

    case 'failed':
      return { failed: { code: 'job_failed', reason: job.reason } };
  }
}

function progress(
  { deps, item }: ClipContext,
  phase: 'upload' | 'processing' | 'download',
): (fraction: number, totalBytes?: number) => void {
  const { relativePath, sizeBytes } = item.clip;
  return (fraction, totalBytes = phase === 'upload' ? sizeBytes : undefined) =>
    deps.report({ type: 'clip_progress', relativePath, phase, fraction, totalBytes });
}

async function upload(context: ClipContext, deps: BatchDeps): Promise<Step> {
  const { item } = context;
  const { path, sizeBytes } = item.clip;
  const fileName = basename(path);
  const onProgress = progress(context, 'upload');
  const answer = await deps.api.upload({ path, fileName, sizeBytes, onProgress }, deps.signal);
  // What counts is what was sent: the very bytes that were looked at and priced, or none.
  if (answer.sentSha256 !== context.sha256) {
    const reason =
      'the file changed while it was uploaded; nothing was charged; run the command again';
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
  deps: BatchDeps,
): Promise<Step> {
  const { item, plan, state } = context;
  try {
    const view = await createDraft(job, item.settings, plan.scope, deps, state);
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
