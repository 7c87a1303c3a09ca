import { randomBytes } from 'node:crypto';

import type { Clock } from '../../core/clock.ts';
import type { Behaviour } from '../behaviour.ts';
import type { WorkOutcome } from '../work.ts';
import { chargeFor, refundFor } from './charge.ts';
import type { Job, JobEvent, JobOrder, JobSource } from './job.ts';
import type { JobStore } from './jobStore.ts';

/** A create request, understood and checked. */
interface NewJob {
  readonly key: string;
  readonly source: JobSource;
  readonly order: JobOrder;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly autoStart: boolean;
}

/** How a start was answered. */
type StartAnswer =
  | { readonly type: 'started'; readonly job: Job }
  | { readonly type: 'ignored'; readonly job: Job }
  | { readonly type: 'refused'; readonly job: Job };

/** Takes jobs through their states. The only place where charges come from. */
export interface JobDesk {
  create(request: NewJob): Promise<Job>;
  /**
   * @param amend makes the order of this start out of the job's own; may throw to refuse it
   */
  start(jobId: string, amend: (job: Job) => Promise<JobOrder>): Promise<StartAnswer>;
  finish(jobId: string, outcome: WorkOutcome): Promise<void>;
}

export function createJobDesk(deps: {
  readonly store: JobStore;
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  /** Called after a start is durable. */
  readonly onStarted: (job: Job) => void;
}): JobDesk {
  const { store, behaviour } = deps;
  const now = (): string => new Date(deps.clock.now()).toISOString();

  function existing(jobId: string): Job {
    const job = store.get(jobId);
    if (job === undefined) throw new Error(`no job ${jobId}`);
    return job;
  }

  async function recordStart(job: Job, order: JobOrder, again: boolean): Promise<Job> {
    const at = now();
    const charge = chargeFor(job, order, again ? 'second_start' : 'start', behaviour, at);
    const event: JobEvent = { type: 'started', at, jobId: job.id, order };
    await store.record([behaviour.chargeAt === 'start' ? { ...event, charge } : event]);
    const started = existing(job.id);
    deps.onStarted(started);
    return started;
  }

  return {
    async create({ key, source, order, metadata, autoStart }) {
      const jobId = `job_${randomBytes(12).toString('hex')}`;
      const created: JobEvent = { type: 'created', at: now(), jobId, key, source, order };
      await store.record([metadata === undefined ? created : { ...created, metadata }]);
      const draft = existing(jobId);
      return autoStart ? recordStart(draft, order, false) : draft;
    },

    start: (jobId, amend) =>
      store.inTurn(jobId, async () => {
        const job = existing(jobId);
        const again = job.state.status !== 'created';
        if (again && behaviour.secondStart === 'refused') return { type: 'refused', job };
        if (again && behaviour.secondStart === 'ignored') return { type: 'ignored', job };
        return { type: 'started', job: await recordStart(job, await amend(job), again) };
      }),

    finish: (jobId, outcome) =>
      store.inTurn(jobId, async () => {
        const job = existing(jobId);
        const at = now();
        if (outcome.ok) {
          const event: JobEvent = { type: 'completed', at, jobId, result: outcome };
          const charge = chargeFor(job, job.order, 'completion', behaviour, at);
          await store.record([behaviour.chargeAt === 'completion' ? { ...event, charge } : event]);
          return;
        }
        const error = `${outcome.code}: ${outcome.reason}`;
        const event: JobEvent = { type: 'failed', at, jobId, error };
        const charge = behaviour.refundOnFailure ? refundFor(job, at) : undefined;
        await store.record([charge === undefined ? event : { ...event, charge }]);
      }),
  };
}
