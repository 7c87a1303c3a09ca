import type { Api } from '../api/api.ts';
import { billsFrom } from '../core/usage.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** The most events that one request brings (vendor page: usage). */
export const MOST_EVENTS = 100;

/**
 * Asks the service's usage events for the bills of work that has ended, and puts them in the books
 * in the place of worst cases. Work that no event tells of keeps its worst case.
 *
 * @returns how many bills were new
 */
export async function collectBills(
  api: Api,
  ledger: Ledger,
  scope: string,
  signal: AbortSignal,
): Promise<number> {
  const unbilled = ledger.unbilled(scope);
  if (unbilled.size === 0) return 0;
  const { events } = await api.usageEvents(MOST_EVENTS, signal);
  const bills = billsFrom(events);
  let found = 0;
  for (const [jobId, key] of unbilled) {
    const bill = bills.get(jobId);
    if (bill === undefined) continue;
    ledger.settle(key, bill.net);
    found += 1;
  }
  return found;
}
