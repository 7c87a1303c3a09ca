import type { Clock } from '../../core/clock.ts';
import type { Behaviour } from '../behaviour.ts';

/** What a key's bucket says to a request. */
export interface Allowance {
  readonly allowed: boolean;
  /** Requests that may follow at once. */
  readonly remaining: number;
  /** Milliseconds until the next one is allowed; 0 when one is now. */
  readonly waitMs: number;
}

/**
 * A token bucket for each key: `rateBurst` requests at once, `ratePerSecond` in the long run.
 *
 * @returns takes one token; `undefined` when there is no limit
 */
export function createRateLimit(
  behaviour: Pick<Behaviour, 'ratePerSecond' | 'rateBurst'>,
  clock: Pick<Clock, 'monotonic'>,
): (key: string) => Allowance | undefined {
  const { ratePerSecond: rate, rateBurst: burst } = behaviour;
  const buckets = new Map<string, { tokens: number; readMs: number }>();
  return (key) => {
    if (rate === null) return undefined;
    const now = clock.monotonic();
    const bucket = buckets.get(key) ?? { tokens: burst, readMs: now };
    buckets.set(key, bucket);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.readMs) / 1_000) * rate);
    bucket.readMs = now;
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    const waitMs = bucket.tokens >= 1 ? 0 : ((1 - bucket.tokens) / rate) * 1_000;
    return { allowed, remaining: Math.floor(bucket.tokens), waitMs };
  };
}
