import type { Behaviour } from '../behaviour.ts';
import { billingStatus } from '../jobs/charge.ts';
import { outputName, type Job } from '../jobs/job.ts';

/** A job as `GET /v1/jobs/{id}` shows it (vendor pages: job status, list and get jobs). */
export function jobAnswer(
  job: Job,
  behaviour: Behaviour,
  origin: string,
  progress: number,
): Readonly<Record<string, unknown>> {
  const { state, order } = job;
  const result = state.status === 'completed' ? state.result : undefined;
  return {
    ...idOf(job, behaviour),
    status: statusWord(job, behaviour),
    progress: state.status === 'completed' ? 100 : progress,
    output_url: result === undefined ? null : outputUrl(job, origin),
    error: state.status === 'failed' ? state.error : null,
    created_at: job.createdAt,
    duration_seconds: result?.durationSeconds ?? null,
    billing_status: billingStatus(job),
    ...(order.webhookUrl === undefined
      ? {}
      : { webhook_url: order.webhookUrl, webhook_events: {} }),
    ...(behaviour.echoMetadata && job.metadata !== undefined ? { metadata: job.metadata } : {}),
    sandbox: {
      engine: result?.engine ?? null,
      confidence: result?.confidence ?? null,
      warnings: [
        ...order.withoutEffect.map((field) => `${field}_has_no_effect`),
        ...(result?.warnings ?? []),
      ],
    },
  };
}

/** What create and start answer (vendor pages: create job, start job). */
export function acceptedAnswer(
  job: Job,
  behaviour: Behaviour,
  message: string,
): Readonly<Record<string, unknown>> {
  return {
    success: true,
    ...idOf(job, behaviour),
    status: statusWord(job, behaviour),
    message,
  };
}

/** Where a completed job's output is, for as long as the data folder lives. */
export function outputUrl(job: Job, origin: string): string {
  return `${origin}/outputs/${outputName(job)}`;
}

/** A list in the envelope that the service may use; its pages show none. */
export function listAnswer(
  entries: readonly unknown[],
  behaviour: Behaviour,
  extras: Readonly<Record<string, number>> = {},
): unknown {
  return behaviour.listShape === 'array' ? entries : { [behaviour.listShape]: entries, ...extras };
}

function statusWord(job: Job, behaviour: Behaviour): string {
  return job.state.status === 'created' ? behaviour.draftWord : job.state.status;
}

function idOf(job: Job, { idField }: Behaviour): Readonly<Record<string, string>> {
  return {
    ...(idField === 'job_id' ? {} : { id: job.id }),
    ...(idField === 'id' ? {} : { job_id: job.id }),
  };
}
