import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import { ApiError } from './apiError.ts';

/** Keeps calls back while the service is out of reach. */
export interface Breaker {
  /**
   * Returns when the service may be asked, after a probe if need be.
   *
   * @throws ApiError `service_down` once the outage has lasted ten minutes; the signal's reason
   *   when aborted
   */
  pass(signal: AbortSignal): Promise<void>;
  /**
   * Lets one call out, unless things have changed since it passed.
   *
   * @returns to be called when it has ended
   */
  launch(): (() => void) | undefined;
  /** Counts how a call ended: `undefined` for an answer, else what went wrong. */
  record(error: unknown): void;
}

/** Where a process leaves word for the next one; milliseconds since the epoch. */
export interface OutageMemory {
  read(): number | undefined;
  write(openUntil: number | undefined): void;
}

const IN_A_ROW = 5;
const REMEMBERED = 20;
const LEAST_CALLS = 10;
const SHARE = 0.5;
/** How often a call that waits for news of those before it looks again. */
const DOUBT_MS = 250;
const FIRST_SPAN_MS = 15_000;
const LONGEST_SPAN_MS = 120_000;
/** After so long nobody waits any more: clips end as pending, and a later run goes on. */
const PATIENCE_MS = 600_000;

/**
 * A circuit breaker for the service: opens after five failures in a row, or when half of the last
 * twenty calls (at least ten) failed. Only unreachable, 5xx and silence are failures; a 429 or any
 * other answer is none. After a first failure no more calls are out than failures are missing. While
 * it is open one free probe goes out after 15 s, doubling to 120 s.
 *
 * @param deps.probe a call that never costs; rejects while the service is down
 */
export function createBreaker(deps: {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly report: Report;
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly memory?: OutageMemory;
}): Breaker {
  const { clock, memory } = deps;
  let recent: boolean[] = [];
  let inARow = 0;
  let span = FIRST_SPAN_MS;
  let openSince: number | undefined;
  let openUntil = 0;
  let probing: Promise<void> | undefined;
  let inAir = 0;
  const isDoubtful = (): boolean => inARow > 0 && inARow + inAir >= IN_A_ROW;

  const remembered = memory?.read();
  // A crash loop must not hammer a service that is down; a wrong clock must not lock it out.
  const left = (remembered ?? 0) - clock.now();
  if (left > 0 && left <= LONGEST_SPAN_MS) {
    openSince = clock.monotonic();
    openUntil = openSince + left;
  }

  function open(): void {
    const now = clock.monotonic();
    openSince ??= now;
    const delayMs = span * (0.5 + deps.random() / 2);
    openUntil = now + delayMs;
    span = Math.min(LONGEST_SPAN_MS, span * 2);
    memory?.write(clock.now() + delayMs);
    deps.report({ type: 'hold', delayMs, reason: 'the service is out of reach' });
  }

  function close(): void {
    openSince = undefined;
    span = FIRST_SPAN_MS;
    inARow = 0;
    recent = [];
    memory?.write(undefined);
  }

  async function probe(signal: AbortSignal): Promise<void> {
    try {
      await deps.probe(signal);
      close();
    } catch (error) {
      if (signal.aborted) return;
      if (isFailure(error)) open();
      else close();
    } finally {
      probing = undefined;
    }
  }

  return {
    async pass(signal) {
      while (openSince !== undefined || isDoubtful()) {
        if (openSince === undefined) {
          await clock.sleep(DOUBT_MS, signal);
          continue;
        }
        const now = clock.monotonic();
        if (now < openUntil) {
          if (now - openSince >= PATIENCE_MS) {
            throw new ApiError('service_down', 'the service has been out of reach for minutes', {
              outcome: 'not_sent',
            });
          }
          await clock.sleep(openUntil - now, signal);
        } else {
          await (probing ??= probe(signal));
          signal.throwIfAborted();
        }
      }
    },

    launch() {
      if (openSince !== undefined || isDoubtful()) return undefined;
      inAir += 1;
      return () => void (inAir -= 1);
    },

    record(error) {
      if (openSince !== undefined) return;
      const failed = isFailure(error);
      inARow = failed ? inARow + 1 : 0;
      recent = [...recent.slice(1 - REMEMBERED), failed];
      const failures = recent.filter(Boolean).length;
      const half = recent.length >= LEAST_CALLS && failures >= recent.length * SHARE;
      if (inARow >= IN_A_ROW || half) open();
    },
  };
}

function isFailure(error: unknown): boolean {
  return error instanceof ApiError && (error.status === undefined || error.status >= 500);
}
