import PQueue from 'p-queue';

import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import { takePlace } from '../core/place.ts';
import { FairQueue, laneNumber, type Lane } from './fairQueue.ts';

/** How fast one API key is used: found out, because the service documents no number. */
export interface Rate {
  /**
   * Waits for this lane's turn and a token of the shared bucket.
   *
   * @throws the signal's reason when aborted
   */
  take(lane: Lane, signal: AbortSignal): Promise<void>;
  /** A request was let in. */
  accepted(): void;
  /**
   * A request was refused with 429: everybody waits, not only this request.
   *
   * @param sentAtMs when it was sent, on the clock that never jumps
   */
  refused(sentAtMs: number, retryAfterMs: number | undefined): void;
  /** Requests a second, 0.2 to 50. */
  readonly perSecond: number;
}

const FIRST_PER_SECOND = 2;
const LEAST_PER_SECOND = 0.2;
const MOST_PER_SECOND = 50;
/** Added for each request let in, divided by the rate: a tenth of a request a second, each second. */
const STEP = 0.1;
const CUT = 0.7;
/** The rate that was refused while doubling was up to twice what the server takes. */
const FIRST_CUT = 0.5;
/** So long without a refusal, and the limit must be far away. */
const DOUBLING_AFTER_MS = 60_000;
/** Who has not waited for a token lately learns nothing from being let in. */
const SCARCE_FOR_MS = 2_000;
const HOLD_MS = 1_000;
const WORTH_TELLING_MS = 60_000;

/**
 * One token bucket for all calls of an API key, whose rate doubles every second until the first
 * refusal, then grows slowly and shrinks by three tenths at each (AIMD). Several processes with one
 * key share the limit fairly that way without knowing of each other.
 *
 * A refusal holds all lanes at least as long as the server asks. Refusals of requests that were
 * under way already belong to the same event and cut no deeper.
 */
export function createRate(deps: {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly report: Report;
}): Rate {
  const { clock } = deps;
  const gate = new PQueue({ concurrency: 1, queueClass: FairQueue });
  let perSecond = FIRST_PER_SECOND;
  let tokens = FIRST_PER_SECOND;
  let filledAt = clock.monotonic();
  let holdSince = -Infinity;
  let holdUntil = -Infinity;
  let scarceAt = -Infinity;
  let doubling = true;

  function refill(): void {
    const now = clock.monotonic();
    const burst = Math.max(1, perSecond);
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
  }

  return {
    get perSecond() {
      return perSecond;
    },

    async take(lane, signal) {
      const leave = await takePlace(gate, signal, laneNumber(lane));
      try {
        for (;;) {
          refill();
          const held = holdUntil - clock.monotonic();
          if (held <= 0 && tokens >= 1) break;
          if (tokens < 1) scarceAt = clock.monotonic();
          await clock.sleep(Math.max(held, ((1 - tokens) / perSecond) * 1000, 1), signal);
        }
        tokens -= 1;
      } finally {
        leave();
      }
    },

    accepted() {
      const now = clock.monotonic();
      if (now - scarceAt > SCARCE_FOR_MS) return;
      doubling ||= now - holdUntil > DOUBLING_AFTER_MS;
      const growth = doubling ? 1 : STEP / Math.max(perSecond, 1);
      perSecond = Math.min(MOST_PER_SECOND, perSecond + growth);
    },

    refused(sentAtMs, retryAfterMs) {
      const now = clock.monotonic();
      const holdMs = Math.max(retryAfterMs ?? 0, HOLD_MS * (1 + deps.random()));
      if (now + holdMs > holdUntil) {
        holdUntil = now + holdMs;
        if (holdMs >= WORTH_TELLING_MS) {
          const reason = 'the service limits how often it may be asked';
          deps.report({ type: 'hold', delayMs: holdMs, reason });
        }
      }
      if (sentAtMs < holdSince) return;
      holdSince = now;
      refill();
      perSecond = Math.max(LEAST_PER_SECOND, perSecond * (doubling ? FIRST_CUT : CUT));
      doubling = false;
    },
  };
}
