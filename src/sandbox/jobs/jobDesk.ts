import { randomBytes } from 'node:crypto';

import type { Clock } from '../../core/clock.ts';
import { credits, NO_CREDITS } from '../../core/credits.ts';
import type { Meter } from '../accounts/meter.ts';
import type { Behaviour } from '../behaviour.ts';
import type { WorkOutcome } from '../work.ts';
import { chargeFor, refundFor, type Charge } from './charge.ts';
import { applyEvent, type Job, type JobEvent, type JobOrder, type JobSource } from './job.ts';
import type { JobStore } from './jobStore.ts';

/** A create request, understood and checked. */
interface NewJob {
  readonly key: string;
  readonly source: JobSource;
  readonly order: JobOrder;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly autoStart: boolean;
}

/** How a create or a start was answered. What is refused was not charged and left no trace. */
type DeskAnswer =
  | { readonly type: 'created' | 'started' | 'ignored' | 'already_started'; readonly job: Job }
  | { readonly type: 'insufficient_credits' | 'too_many_jobs' };

/** Takes jobs through their states. The only place where charges come from. */
export interface JobDesk {
  create(request: NewJob): Promise<DeskAnswer>;
  /**
   * @param amend makes the order of this start out of the job's own; may throw to refuse it
   */
  start(jobId: string, amend: (job: Job) => Promise<JobOrder>): Promise<DeskAnswer>;
  finish(jobId: string, outcome: WorkOutcome): Promise<void>;
  /** Takes up a job that an earlier process started and did not end. */
  resume(job: Job): void;
}

export function createJobDesk(deps: {
  readonly store: JobStore;
  readonly meter: Meter;
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  /** Called after a start is durable. */
  readonly onStarted: (job: Job) => void;
  /** Called after an end is durable. */
  readonly onEnded: (job: Job) => void;
}): JobDesk {
  const { store, meter, behaviour } = deps;
  const now = (): string => new Date(deps.clock.now()).toISOString();

  function existing(jobId: string): Job {
    const job = store.get(jobId);
    if (job === undefined) throw new Error(`no job ${jobId}`);
    return job;
  }

  /** @param before events of the same job that become durable with the start, or not at all */
  async function launch(
    job: Job,
    order: JobOrder,
    reason: 'start' | 'second_start',
    before: readonly JobEvent[] = [],
  ): Promise<DeskAnswer> {
    const at = now();
    const charge = chargeFor(job, order, reason, behaviour, at);
    const refusal = meter.reserve(job.key, job.id, credits(charge.credits));
    if (refusal !== undefined) return { type: refusal };
    const event: JobEvent = { type: 'started', at, jobId: job.id, order };
    const charged = behaviour.chargeAt === 'start' ? { ...event, charge } : event;
    try {
      await store.record([...before, charged], () => {
        if (behaviour.chargeAt === 'start') meter.apply(charge);
      });
    } catch (error) {
      meter.release(job.id);
      throw error;
    }
    const started = existing(job.id);
    deps.onStarted(started);
    return { type: 'started', job: started };
  }

  async function end(
    event: Extract<JobEvent, { type: 'completed' | 'failed' }>,
    charge: Charge | undefined,
  ): Promise<void> {
    await store.record([charge === undefined ? event : { ...event, charge }], () => {
      if (charge !== undefined) meter.apply(charge);
      meter.release(event.jobId);
    });
    deps.onEnded(existing(event.jobId));
  }

  return {
    async create({ key, source, order, metadata, autoStart }) {
      const jobId = `job_${randomBytes(12).toString('hex')}`;
      const bare: JobEvent = { type: 'created', at: now(), jobId, key, source, order };
      const created = metadata === undefined ? bare : { ...bare, metadata };
      if (autoStart) return launch(applyEvent(undefined, created), order, 'start', [created]);
      await store.record([created]);
      return { type: 'created', job: existing(jobId) };
    },

    start: (jobId, amend) =>
      store.inTurn(jobId, async () => {
        const job = existing(jobId);
        const { status } = job.state;
        const isFresh =
          status === 'created' || (status === 'failed' && behaviour.failedStart === 'retried');
        if (isFresh) return launch(job, await amend(job), 'start');
        switch (behaviour.secondStart) {
          case 'refused':
            return { type: 'already_started', job };
          case 'ignored':
            return { type: 'ignored', job };
          case 'charged_again':
            return launch(job, await amend(job), 'second_start');
        }
      }),

    finish: (jobId, outcome) =>
      store.inTurn(jobId, async () => {
        const job = existing(jobId);
        const at = now();
        if (outcome.ok) {
          const seconds = outcome.durationSeconds;
          const charge = chargeFor(job, job.order, 'completion', behaviour, at, seconds);
          const isDue = behaviour.chargeAt === 'completion';
          await end({ type: 'completed', at, jobId, result: outcome }, isDue ? charge : undefined);
          return;
        }
        const error = `${outcome.code}: ${outcome.reason}`;
        const refund = behaviour.refundOnFailure ? refundFor(job, at) : undefined;
        await end({ type: 'failed', at, jobId, error }, refund);
      }),

    resume(job) {
      const charge = chargeFor(job, job.order, 'completion', behaviour, now());
      const isDue = behaviour.chargeAt === 'completion';
      meter.resume(job.key, job.id, isDue ? credits(charge.credits) : NO_CREDITS);
    },
  };
}
