import { EXTENSIONS, type Model, type OutputFormat } from '../../core/model.ts';
import type { Rgb } from '../../core/background.ts';
import type { Composition } from '../../core/composition.ts';
import type { WorkResult } from '../work.ts';
import type { Charge } from './charge.ts';

/** What a job was asked to do, settled: nothing in it depends on a default any more. */
export interface JobOrder {
  readonly model: Model;
  readonly format: OutputFormat;
  readonly background: JobBackground;
  readonly prompt?: string;
  readonly previewSeconds?: number;
  readonly composition?: Composition;
  readonly webhookUrl?: string;
}

export type JobBackground =
  | { readonly type: 'transparent' }
  | { readonly type: 'color'; readonly rgb: Rgb }
  /** A file among the uploads. */
  | { readonly type: 'image'; readonly fileName: string };

/** The uploaded clip that a job works on. */
export interface JobSource {
  /** Name among the uploads: the video's id and its extension. */
  readonly fileName: string;
  readonly durationSeconds: number;
}

type JobState =
  | { readonly status: 'created' }
  /** Paid for and waiting for a slot, or being worked on. */
  | { readonly status: 'processing' }
  | { readonly status: 'completed'; readonly result: WorkResult }
  | { readonly status: 'failed'; readonly error: string };

export interface Job {
  readonly id: string;
  /** Fingerprint of the key that created it; other keys do not see it. */
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Of the first start. */
  readonly startedAt: string | undefined;
  /** Of the completion or failure. */
  readonly endedAt: string | undefined;
  readonly source: JobSource;
  readonly order: JobOrder;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly state: JobState;
  readonly charges: readonly Charge[];
  readonly webhooks: Readonly<Partial<Record<WebhookEvent, WebhookState>>>;
}

/** What a `webhook_url` is told (vendor page: webhooks). */
export type WebhookEvent = 'job.started' | 'job.completed' | 'job.failed';

/** How telling it went, after all tries. */
export type WebhookState = 'sent' | 'failed';

/** What happened to a job; one line of the journal each. `at` is ISO 8601, UTC. */
export type JobEvent =
  | {
      readonly type: 'created';
      readonly at: string;
      readonly jobId: string;
      readonly key: string;
      readonly source: JobSource;
      readonly order: JobOrder;
      readonly metadata?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'started';
      readonly at: string;
      readonly jobId: string;
      readonly order: JobOrder;
      readonly charge?: Charge;
    }
  | {
      readonly type: 'completed';
      readonly at: string;
      readonly jobId: string;
      readonly result: WorkResult;
      readonly charge?: Charge;
    }
  | {
      readonly type: 'failed';
      readonly at: string;
      readonly jobId: string;
      readonly error: string;
      /** A refund. */
      readonly charge?: Charge;
    }
  | {
      readonly type: 'told';
      readonly at: string;
      readonly jobId: string;
      readonly event: WebhookEvent;
      readonly state: WebhookState;
    };

/** Name of a job's output among the outputs. */
export function outputName(job: Pick<Job, 'id' | 'order'>): string {
  return `${job.id}${EXTENSIONS[job.order.format]}`;
}

/**
 * The job after an event: the one place that says what an event means, live and after a restart.
 *
 * @throws Error when an event other than `created` concerns a job that does not exist
 */
export function applyEvent(job: Job | undefined, event: JobEvent): Job {
  if (event.type === 'created') {
    return {
      id: event.jobId,
      key: event.key,
      createdAt: event.at,
      startedAt: undefined,
      endedAt: undefined,
      source: event.source,
      order: event.order,
      metadata: event.metadata,
      state: { status: 'created' },
      charges: [],
      webhooks: {},
    };
  }
  if (job === undefined) throw new Error(`event for unknown job ${event.jobId}`);
  if (event.type === 'told') {
    return { ...job, webhooks: { ...job.webhooks, [event.event]: event.state } };
  }
  const charges = event.charge === undefined ? job.charges : [...job.charges, event.charge];
  const endedAt = event.at;
  switch (event.type) {
    case 'started':
      return {
        ...job,
        charges,
        order: event.order,
        startedAt: job.startedAt ?? event.at,
        endedAt: undefined,
        state: { status: 'processing' },
      };
    case 'completed':
      return { ...job, charges, endedAt, state: { status: 'completed', result: event.result } };
    case 'failed':
      return { ...job, charges, endedAt, state: { status: 'failed', error: event.error } };
  }
}
