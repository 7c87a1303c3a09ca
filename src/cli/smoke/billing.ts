import { formatCredits, type Credits } from '../../core/credits.ts';
import { billsFrom } from '../../core/usage.ts';
import type { Service } from '../context.ts';

const WAIT_MS = 2_000;
const MOST_TRIES = 5;

/**
 * Compares what the service says it charged with rbgv's books. Its usage figures may lag, and other
 * work of the account may show in them: only a job billed higher than booked is a failure.
 *
 * @param before `credits_used` before the job
 * @throws Error when the service billed more than was booked
 */
export async function compareBilling(
  { api }: Service,
  { jobId, booked, before }: { jobId: string; booked: Credits; before: Credits | undefined },
  sleep: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const { events } = await api.usageEvents(20, signal);
    const billed = billsFrom(events).get(jobId)?.net;
    if (billed !== undefined) {
      const amount = `${formatCredits(billed)} credits`;
      if (billed > booked) {
        throw new Error(`the service billed ${amount}, booked are ${formatCredits(booked)}`);
      }
      return `the service billed ${amount} for the job, booked are ${formatCredits(booked)}`;
    }
    const used = await creditsUsed(api, signal);
    const rise = (used ?? NaN) - (before ?? NaN);
    if (rise >= booked) {
      return `the account's use rose by ${formatCredits(rise as Credits)} credits, booked are ${formatCredits(booked)}`;
    }
    if (attempt === MOST_TRIES) {
      return `booked are ${formatCredits(booked)} credits; the service's figures do not show the job yet`;
    }
    await sleep(WAIT_MS);
  }
}

/** Today's credits by the service; `undefined` when it does not say. */
export async function creditsUsed(
  api: Service['api'],
  signal: AbortSignal,
): Promise<Credits | undefined> {
  return (await api.usageSummary(1, signal)).totals.credits;
}
