import { credits, formatCredits, type Credits } from '../../core/credits.ts';
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
  { jobId, booked, before }: { jobId: string; booked: Credits; before: number | undefined },
  sleep: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const billed = billedFor(jobId, await api.usageEvents(20, signal));
    if (billed !== undefined) {
      if (credits(billed) > booked) {
        throw new Error(
          `the service billed ${billed} credits, booked are ${formatCredits(booked)}`,
        );
      }
      return `the service billed ${billed} credits for the job, booked are ${formatCredits(booked)}`;
    }
    const used = await creditsUsed(api, signal);
    const rise = used === undefined || before === undefined ? undefined : used - before;
    if (rise !== undefined && credits(rise) >= booked) {
      return `the account's use rose by ${rise} credits, booked are ${formatCredits(booked)}`;
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
): Promise<number | undefined> {
  const { credits_used: used } = await api.usageSummary(1, signal);
  return typeof used === 'number' ? used : undefined;
}

/** The shape of an event is documented nowhere: the one that names the job, and its credits. */
function billedFor(jobId: string, answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const values = Object.values(answer);
  if (values.includes(jobId)) {
    const found = Object.entries(answer).find(
      ([name, value]) => /credit/i.test(name) && typeof value === 'number',
    );
    if (found !== undefined) return found[1] as number;
  }
  return values.map((value) => billedFor(jobId, value)).find((value) => value !== undefined);
}
