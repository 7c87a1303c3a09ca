import type { Behaviour } from '../behaviour.ts';
import { billingStatus, totalCredits } from '../jobs/charge.ts';
import type { Job } from '../jobs/job.ts';
import type { JobRunner } from '../jobs/jobRunner.ts';
import { outputUrl } from './outputUrls.ts';

/** What an answer about a job needs beyond the job. */
export interface Viewpoint {
  readonly behaviour: Behaviour;
  /** Scheme, host and port by which the caller reaches the sandbox. */
  readonly origin: string;
  readonly nowMs: number;
  readonly runner: Pick<JobRunner, 'progressOf' | 'isWaiting'>;
}

type Json = Readonly<Record<string, unknown>>;

/** A job as `GET /v1/jobs/{id}` shows it (vendor pages: job status, list and get jobs). */
export function jobAnswer(job: Job, view: Viewpoint): Json {
  const { behaviour } = view;
  const { state, order } = job;
  const result = state.status === 'completed' ? state.result : undefined;
  return {
    ...idOf(job, behaviour),
    status: statusWord(job, view),
    progress: progress(job, view),
    output_url: shownOutput(job, view),
    error: state.status === 'failed' ? jobError(state.error, behaviour) : null,
    created_at: job.createdAt,
    duration_seconds: result?.durationSeconds ?? null,
    billing_status: billingStatus(job, behaviour),
    ...(behaviour.creditsOnJob ? { credits_used: totalCredits(job.charges) } : {}),
    ...(order.webhookUrl === undefined
      ? {}
      : { webhook_url: order.webhookUrl, webhook_events: webhookEvents(job, behaviour) }),
    ...(behaviour.echoMetadata && job.metadata !== undefined ? { metadata: job.metadata } : {}),
    sandbox: {
      engine: result?.engine ?? null,
      confidence: result?.confidence ?? null,
      warnings: result?.warnings ?? [],
      shots: (result?.shots ?? []).map((shot) => ({
        from_seconds: shot.fromSeconds,
        to_seconds: shot.toSeconds,
        engine: shot.engine,
        confidence: shot.confidence ?? null,
        warnings: shot.warnings,
      })),
    },
  };
}

/** What create and start answer (vendor pages: create job, start job). */
export function acceptedAnswer(job: Job, view: Viewpoint, message: string): Json {
  return {
    success: true,
    ...idOf(job, view.behaviour),
    status: statusWord(job, view),
    message,
  };
}

/** What `GET /api/download/{id}` answers (vendor page: download). */
export function downloadAnswer(job: Job, view: Viewpoint): Json {
  const { downloadField } = view.behaviour;
  const url = outputUrl(job, view.origin, view.behaviour, view.nowMs);
  return {
    success: true,
    ...(downloadField === 'output_url' ? {} : { download_url: url }),
    ...(downloadField === 'download_url' ? {} : { output_url: url }),
    output_format: job.order.format,
  };
}

/** A list in the envelope that the service may use; its pages show none. */
export function listAnswer(
  entries: readonly unknown[],
  behaviour: Behaviour,
  extras: Readonly<Record<string, number>> = {},
): unknown {
  return behaviour.listShape === 'array' ? entries : { [behaviour.listShape]: entries, ...extras };
}

/** The status as this service spells it. */
export function statusWord(
  job: Job,
  { behaviour, runner }: Pick<Viewpoint, 'behaviour' | 'runner'>,
): string | number | null {
  switch (job.state.status) {
    case 'created':
      return behaviour.draftWord;
    case 'processing':
      return runner.isWaiting(job.id) ? behaviour.queuedWord : behaviour.processingWord;
    case 'completed':
      return behaviour.completedWord;
    case 'failed':
      return behaviour.failedWord;
  }
}

function progress(job: Job, view: Viewpoint): number {
  if (job.state.status === 'completed') return 100;
  return job.state.status === 'processing' ? view.runner.progressOf(job.id) : 0;
}

function shownOutput(job: Job, { behaviour, origin, nowMs }: Viewpoint): string | null {
  if (job.state.status !== 'completed') return null;
  const shownFrom = Date.parse(job.endedAt ?? '') + behaviour.nullOutputMs;
  return nowMs < shownFrom ? null : outputUrl(job, origin, behaviour, nowMs);
}

function jobError(error: string, behaviour: Behaviour): unknown {
  if (behaviour.jobErrorShape === 'string') return error;
  const [code = '', ...message] = error.split(': ');
  return { code, message: message.join(': ') };
}

function webhookEvents(job: Job, { webhookEventsShape }: Behaviour): unknown {
  if (webhookEventsShape === 'map') return job.webhooks;
  return Object.entries(job.webhooks).map(([event, status]) => ({ event, status }));
}

function idOf(job: Job, { idField }: Behaviour): Readonly<Record<string, string>> {
  return {
    ...(idField === 'job_id' ? {} : { id: job.id }),
    ...(idField === 'id' ? {} : { job_id: job.id }),
  };
}
