import { ApiError } from '../api/apiError.ts';
import type { OverBudget } from '../core/budget.ts';
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
  const shortOf = (): OverBudget | undefined => deps.ledger.shortOf(deps.runId, key);
  const othersFly = (): boolean => [...flights.keys].some((other) => other !== key);
  while (shortOf() !== undefined) {
    // Read before bills are asked for: what lands meanwhile must not be missed.
    const { landing } = flights;
    const wait = othersFly();
    await askForBills(scope, deps);
    const short = shortOf();
    if (short === undefined) return undefined;
    if (wait) await Promise.race([landing, aborted(deps.signal)]);
    else if (!othersFly()) return { code: 'budget', reason: short.message };
    deps.signal.throwIfAborted();
  }
  return undefined;
}

/** Bills that cannot be had leave the worst cases where they are, which is safe. */
async function askForBills(scope: string, deps: BatchDeps): Promise<void> {
  try {
    await collectBills(deps.api, deps.ledger, scope, deps.signal);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
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
