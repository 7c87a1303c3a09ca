import { adoptJobs } from '../../batch/adoptJobs.ts';
import { collectBills } from '../../batch/bills.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { RunBill } from '../../ledger/spend.ts';
import type { Context, Service } from '../context.ts';
import type { Work } from '../workPlan.ts';

/**
 * A ledger that knows nothing of this account may be a lost one: before anything is paid, the
 * service is asked what was paid before. One request for a user who really is new.
 */
export async function adoptIntoEmpty(
  ledger: Ledger,
  service: Service,
  { terminal, profile }: Context,
  signal: AbortSignal,
): Promise<void> {
  if (!ledger.isEmpty(profile.scope)) return;
  const { adopted } = await adoptJobs(service.keys, ledger, profile.scope, signal);
  if (adopted > 0) {
    terminal.err(`paid jobs found at the service that this ledger did not know: ${adopted}`);
  }
}

/** What the run's starts came to; bills that cannot be had now are left for another day. */
export async function readBills(
  runId: string,
  scope: string,
  work: Pick<Work, 'ledger' | 'service' | 'signal'>,
): Promise<RunBill> {
  const { ledger, service, signal } = work;
  if (ledger.runBill(runId).jobs > 0 && !signal.aborted) {
    await collectBills(service.apiOnce, ledger, scope, signal).catch(() => 0);
  }
  return ledger.runBill(runId);
}
