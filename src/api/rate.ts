import PQueue from 'p-queue';

import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import { takePlace } from '../core/place.ts';
import { ownRecord, type SharedRecord } from '../core/sharedRecord.ts';
import { FairQueue, laneNumber, type Lane } from './fairQueue.ts';
import {
  afterAccepted,
  afterRefused,
  freshRate,
  isUsable,
  takeToken,
  type RateState,
} from './rateState.ts';

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
  /** Of all processes that use the key here; of this one alone when missing. */
  readonly record?: SharedRecord<RateState>;
}): Rate {
  const { clock } = deps;
  const gate = new PQueue({ concurrency: 1, queueClass: FairQueue });
  const { record = ownRecord<RateState>() } = deps;
  const change = (step: (state: RateState, now: number) => RateState): RateState =>
    record.update((known) => {
      const now = clock.monotonic();
      const isKnown = known !== undefined && isUsable(known, now);
      const next = step(isKnown ? known : freshRate(now), now);
      return [next, next];
    });
  return {
    perSecond: () => change((state) => state).perSecond,

    async take(lane, signal) {
      const leave = await takePlace(gate, signal, laneNumber(lane));
      try {
        for (;;) {
          let promised = 0;
          let goAt = 0;
          change((state, now) => {
            const { goAt: at, ...rest } = takeToken(state, now);
            [promised, goAt] = [now, at];
            return rest;
          });
          // A sleep of nothing would not let the time pass.
          if (goAt > promised) await clock.sleep(Math.max(1, goAt - promised), signal);
          // What was promised before a refusal is worth nothing after it.
          const { heldFrom, heldUntil } = change((state) => state);
          if (heldFrom <= promised && heldUntil <= clock.monotonic()) break;
        }
      } finally {
        leave();
      }
    },

    accepted() {
      change(afterAccepted);
    },

    refused(sentAtMs, retryAfterMs) {
      const holdMs = retryAfterMs || HOLD_MS * (1 + deps.random());
      let before = 0;
      const { heldUntil } = change((state, now) => {
        before = state.heldUntil;
        return afterRefused(state, now, sentAtMs, holdMs);
      });
      if (heldUntil > before && holdMs >= WORTH_TELLING_MS) {
        const reason = 'the service limits how often it may be asked';
        deps.report({ type: 'hold', delayMs: holdMs, reason });
      }
    },
  };
}
