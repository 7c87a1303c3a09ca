import { credits, sumCredits, toNumber, type Credits } from '../../core/credits.ts';
import type { Model } from '../../core/model.ts';
import type { Behaviour } from '../behaviour.ts';
import type { Job, JobOrder } from './job.ts';

/** One line of `charges.jsonl`, spelled as in the file. */
export interface Charge {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Counts the charges of one job from 1. */
  readonly seq: number;
  /** Fingerprint of the key that pays. */
  readonly key: string;
  readonly job_id: string;
  readonly video_id: string;
  readonly model: Model;
  readonly billed_seconds: number;
  /** Exact to the millionth; negative for a refund. */
  readonly credits: number;
  readonly reason: 'start' | 'second_start' | 'completion' | 'refund';
}

const STEP_SECONDS = { second_up: 1, minute_up: 60 } as const;

/** Seconds of video that an order is billed for. */
function billedSeconds(
  order: JobOrder,
  durationSeconds: number,
  behaviour: Pick<Behaviour, 'rounding' | 'previewBilling'>,
): number {
  const worked =
    order.previewSeconds === undefined || behaviour.previewBilling === 'full'
      ? durationSeconds
      : Math.min(order.previewSeconds, durationSeconds);
  if (behaviour.rounding === 'exact') return worked;
  const step = STEP_SECONDS[behaviour.rounding];
  return Math.ceil(worked / step) * step;
}

/**
 * The charge for working a job, under the knobs of billing.
 *
 * @param outputSeconds length of the output, once there is one
 */
export function chargeFor(
  job: Job,
  order: JobOrder,
  reason: 'start' | 'second_start' | 'completion',
  behaviour: Behaviour,
  at: string,
  outputSeconds?: number,
): Charge {
  const { source } = job;
  const measured = behaviour.billedDuration === 'output' ? outputSeconds : undefined;
  const seconds = billedSeconds(order, measured ?? source.durationSeconds, behaviour);
  const isFree = order.previewSeconds !== undefined && behaviour.previewBilling === 'free';
  const perSecond = behaviour.creditsPerMinute[order.model] / 60;
  const amount = Math.max(credits(seconds * perSecond), credits(behaviour.minimumCharge));
  return {
    ...lineOf(job, order, at),
    billed_seconds: isFree ? 0 : seconds,
    credits: isFree ? 0 : toNumber(amount as Credits),
    reason,
  };
}

/** Gives back all that a job was charged; `undefined` when that is nothing. */
export function refundFor(job: Job, at: string): Charge | undefined {
  const paid = totalCredits(job.charges);
  if (paid === 0) return undefined;
  const seconds = job.charges.reduce((sum, charge) => sum + charge.billed_seconds, 0);
  const line = lineOf(job, job.order, at);
  return { ...line, billed_seconds: -seconds, credits: -paid, reason: 'refund' };
}

function lineOf(job: Job, order: JobOrder, at: string) {
  return {
    at,
    seq: job.charges.length + 1,
    key: job.key,
    job_id: job.id,
    video_id: job.source.fileName.replace(/\.[^.]*$/, ''),
    model: order.model,
  };
}

/** Credits of many lines, added exactly. */
export function totalCredits(charges: Iterable<Charge>): number {
  return toNumber(sumCredits(Array.from(charges, (charge) => credits(charge.credits))));
}

/** What a job's `billing_status` says; the vendor documents the field and none of its values. */
export function billingStatus(
  job: Job,
  words: Pick<Behaviour, 'chargedWord' | 'refundedWord'>,
): string | null {
  const last = job.charges.at(-1);
  if (last === undefined) return null;
  return last.reason === 'refund' ? words.refundedWord : words.chargedWord;
}
