import type { Clock } from '../core/clock.ts';
import type { ApiError } from './apiError.ts';

/** How much repeating one process may do, over all calls. */
export interface RetryBudget {
  /** A call is about to be sent for the first time. */
  sending(): void;
  /** It was answered at the first attempt. */
  earn(): void;
  /**
   * Pays for a repeat; waits for as long as the budget is too small. Work that can wait is parked,
   * never failed: failing would tempt its owner to begin again.
   *
   * @throws the signal's reason when aborted
   */
  spend(cost: number, signal: AbortSignal): Promise<void>;
  /** The repeat was answered. */
  refund(cost: number): void;
}

const CAPACITY = 100;
const EARNED = 0.5;
const MS_A_TOKEN = 6_000;
/** Of the calls of the last five minutes, once there are fifty. */
const MOST_RETRIES = 0.2;
const LEAST_CALLS = 50;
const WINDOW_MINUTES = 5;
const RATE_LIMITED_COST = 2;

/** What repeating costs: more for what may have burdened the server, little after a 429. */
export function retryCost({ status, outcome }: ApiError): number {
  if (status === 429) return RATE_LIMITED_COST;
  return outcome === 'not_sent' || (status ?? 0) >= 500 ? 5 : 10;
}

/** A bucket of 100 that successes fill and repeats empty, and a cap on the share of repeats. */
export function createRetryBudget(clock: Clock): RetryBudget {
  let tokens = CAPACITY;
  let filledAt = clock.monotonic();
  const calls = createCount(clock);
  const retries = createCount(clock);

  const add = (amount: number): void => {
    tokens = Math.min(CAPACITY, tokens + amount);
  };

  function waitMs(cost: number): number {
    const now = clock.monotonic();
    add((now - filledAt) / MS_A_TOKEN);
    filledAt = now;
    // A 429 has its own brake, the shared rate; counting it here would prolong the wait after it.
    const before = calls.recent();
    const share = retries.recent() / (before + retries.recent());
    const tooMany = cost > RATE_LIMITED_COST && before >= LEAST_CALLS && share >= MOST_RETRIES;
    const forTokens = tokens >= cost ? 0 : (cost - tokens) * MS_A_TOKEN;
    return Math.max(forTokens, tooMany ? 1_000 : 0);
  }

  return {
    sending() {
      calls.add();
    },
    earn: () => add(EARNED),
    async spend(cost, signal) {
      for (let ms = waitMs(cost); ms > 0; ms = waitMs(cost)) await clock.sleep(ms, signal);
      tokens -= cost;
      if (cost > RATE_LIMITED_COST) retries.add();
    },
    refund: add,
  };
}

/** How often something happened in the last five minutes, to the minute. */
function createCount(clock: Clock): { add(): void; recent(): number } {
  const minutes: { readonly minute: number; count: number }[] = [];
  const now = (): number => Math.floor(clock.monotonic() / 60_000);
  return {
    add() {
      const last = minutes.at(-1);
      if (last?.minute === now()) last.count += 1;
      else minutes.push({ minute: now(), count: 1 });
    },
    recent() {
      while ((minutes[0]?.minute ?? Infinity) <= now() - WINDOW_MINUTES) minutes.shift();
      return minutes.reduce((sum, { count }) => sum + count, 0);
    },
  };
}
