import { ApiError } from '../api/apiError.ts';
import { saysNotCharged } from '../core/evidence.ts';
import { NO_CREDITS, type Credits } from '../core/credits.ts';
import type { JobView } from '../core/jobView.ts';
import { collectBills } from './bills.ts';
import type { BatchDeps, BatchState, Gate } from './deps.ts';

/** Starts of this run that may still turn out cheaper than their worst case. */
export interface Flights {
  readonly keys: Set<string>;
  /** Settled when the next one ends. */
  landing: Promise<void>;
  land: () => void;
}

export function createFlights(): Flights {
  const flights = { keys: new Set<string>() } as Flights;
  expectLanding(flights);
  return flights;
}

function expectLanding(flights: Flights): void {
  flights.landing = new Promise((resolve) => (flights.land = resolve));
}

/** A start came to its end or to nothing: those that wait for room look again. */
export function landed(key: string, { flights }: BatchState): void {
  if (!flights.keys.delete(key)) return;
  flights.land();
  expectLanding(flights);
}

/**
 * Waits until a job's worst case fits below the caps: while other work of this run may come in
 * cheaper than what is reserved for it, its bill is waited for.
 *
 * @returns why it does not fit, once nothing can change that any more
 * @throws the signal's reason when aborted
 */
export async function waitForRoom(
  key: string,
  scope: string,
  deps: BatchDeps,
  { flights }: BatchState,
): Promise<Gate | undefined> {
  for (;;) {
    const short = deps.ledger.shortOf(deps.runId, key);
    if (short === undefined) return undefined;
    const { landing } = flights;
    if ((await billsOrNone(scope, deps)) > 0) continue;
    const others = [...flights.keys].some((other) => other !== key);
    if (!others) return { code: 'budget', reason: short.message };
    await Promise.race([landing, aborted(deps.signal)]);
    deps.signal.throwIfAborted();
  }
}

/** Bills that cannot be had leave the worst cases where they are, which is safe. */
async function billsOrNone(scope: string, deps: BatchDeps): Promise<number> {
  try {
    return await collectBills(deps.api, deps.ledger, scope, deps.signal);
  } catch (error) {
    if (error instanceof ApiError) return 0;
    throw error;
  }
}

/** What an ended job says about its price, if it says anything; a free one must say so. */
export function billOf(view: JobView): Credits | undefined {
  const { creditsUsed, status, billingStatus } = view;
  if (status === 'failed' && saysNotCharged(billingStatus)) return NO_CREDITS;
  return creditsUsed !== undefined && creditsUsed > 0 ? creditsUsed : undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
