import { saysNotCharged } from '../core/evidence.ts';
import type { Job } from '../core/job.ts';
import { jobKey } from '../core/jobKey.ts';
import type { JobSettings } from '../core/settings.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** The paid attempt that counts for a clip now. */
export interface CurrentWork {
  readonly key: string;
  readonly generation: number;
  /** Why an attempt after a failed one may be paid. */
  readonly consent: string | undefined;
  /** `undefined` when it was never begun. */
  readonly job: Job | undefined;
}

/**
 * Finds the attempt to go on with. A failed job is final, except that a new attempt is opened when
 * the service said that the failed one cost nothing (once), or when the user agrees to pay again.
 *
 * @param repay the user's consent to pay again for failed jobs
 */
export function currentWork(
  scope: string,
  sourceSha256: string,
  settings: JobSettings,
  repay: boolean,
  ledger: Ledger,
): CurrentWork {
  let consent: string | undefined;
  for (let generation = 1; ; generation += 1) {
    const key = jobKey(scope, sourceSha256, settings, generation);
    const job = ledger.job(key);
    if (job?.state !== 'failed') return { key, generation, consent, job };
    const next = consentAfter(job, generation, repay);
    const opened = ledger.job(jobKey(scope, sourceSha256, settings, generation + 1)) !== undefined;
    if (next === undefined && !opened) return { key, generation, consent, job };
    consent = next ?? 'opened earlier';
  }
}

function consentAfter(
  job: Extract<Job, { state: 'failed' }>,
  generation: number,
  repay: boolean,
): string | undefined {
  if (repay) return 'repay';
  const { billingStatus } = job;
  const free = generation === 1 && saysNotCharged(billingStatus);
  return free ? `not_charged: ${billingStatus?.toLowerCase() ?? ''}` : undefined;
}
