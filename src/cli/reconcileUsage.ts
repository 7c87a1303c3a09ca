import { listAll } from '../batch/adoptJobs.ts';
import { MOST_EVENTS } from '../batch/bills.ts';
import type { UsageTotals } from '../core/usage.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { reconcile, type Reconciliation } from '../pricing/reconcile.ts';
import { learnRounding, type LearnedRounding } from '../pricing/rounding.ts';
import type { Service } from './context.ts';

/** A comparison of the books with the service, and how far each source reaches. */
export interface UsageCheck extends Reconciliation {
  readonly jobs: number;
  readonly events: number;
  readonly listed: number;
  readonly totals: UsageTotals;
  readonly rounding: LearnedRounding;
}

const ENDED: ReadonlySet<string> = new Set(['processed', 'verified', 'done', 'failed']);

/**
 * Asks the service everything it tells about the last days, compares, and puts the bills in the
 * books, late refunds too.
 *
 * @param days 1..90 (vendor page: usage)
 */
export async function reconcileUsage(
  ledger: Ledger,
  { api }: Service,
  scope: string,
  days: number,
  sinceMs: number,
  signal: AbortSignal,
): Promise<UsageCheck> {
  const { totals } = await api.usageSummary(days, signal);
  const { events } = await api.usageEvents(MOST_EVENTS, signal);
  const listed = await listAll(api, signal);
  const books = ledger.bookedJobs(scope, sinceMs);
  const result = reconcile({
    books,
    known: ledger.knownJobIds(scope),
    totals,
    events,
    listed,
    draftWord: ledger.fact(scope, 'draft_word'),
    sinceMs,
  });
  for (const { key, jobId, state, billed } of books) {
    const bill = result.bills.get(jobId);
    if (bill !== undefined && bill.net !== billed && ENDED.has(state)) {
      ledger.settle(key, bill.net);
    }
  }
  return {
    ...result,
    jobs: books.length,
    events: events.length,
    listed: listed.length,
    totals,
    rounding: learnRounding(ledger.latestBills(scope)),
  };
}
