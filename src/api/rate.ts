import PQueue from 'p-queue';

import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import { takePlace } from '../core/place.ts';
import { FairQueue, laneNumber, type Lane } from './fairQueue.ts';
import { afterAccepted, afterRefused, freshRate, takeToken } from './rateState.ts';

/** How fast one API key is used: found out, because the service documents no number. */
export interface Rate {
  /** What is sent at most in the long run. */
  readonly perSecond: () => number;
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
}

const HOLD_MS = 1_000;
const WORTH_TELLING_MS = 60_000;

/**
 * One token bucket for all calls of an API key. Its rate doubles every second until something is
 * refused; from then on `rateState.ts` has it find the limit and stay right below.
 *
 * A refusal holds all lanes as long as the server asks, or one to two seconds when it does not say.
 * Refusals of requests that were under way already belong to the same event and cut no deeper.
 */
export function createRate(deps: {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly report: Report;
}): Rate {
  const { clock } = deps;
  const gate = new PQueue({ concurrency: 1, queueClass: FairQueue });
  let state = freshRate(clock.monotonic());
  return {
    perSecond: () => state.perSecond,

    async take(lane, signal) {
      const leave = await takePlace(gate, signal, laneNumber(lane));
      try {
        for (;;) {
          const promised = clock.monotonic();
          const { goAt, ...rest } = takeToken(state, promised);
          state = rest;
          if (goAt > promised) await clock.sleep(Math.max(1, goAt - promised), signal);
          // What was promised before a refusal is worth nothing after it.
          if (state.heldFrom <= promised && state.heldUntil <= clock.monotonic()) break;
        }
      } finally {
        leave();
      }
    },

    accepted() {
      state = afterAccepted(state, clock.monotonic());
    },

    refused(sentAtMs, retryAfterMs) {
      const now = clock.monotonic();
      const holdMs = retryAfterMs || HOLD_MS * (1 + deps.random());
      if (now + holdMs > state.heldUntil && holdMs >= WORTH_TELLING_MS) {
        const reason = 'the service limits how often it may be asked';
        deps.report({ type: 'hold', delayMs: holdMs, reason });
      }
      state = afterRefused(state, now, sentAtMs, holdMs);
    },
  };
}
