import PQueue from 'p-queue';

import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import { takePlace } from '../core/place.ts';
import { FairQueue, laneNumber, type Lane } from './fairQueue.ts';

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

const FIRST_PER_SECOND = 2;
const LEAST_PER_SECOND = 0.2;
const MOST_PER_SECOND = 50;
/** What a refusal leaves of the rate. */
const CUT = 0.7;
/** The rate that was refused while doubling was up to twice what the server takes. */
const FIRST_CUT = 0.5;
/** A share of the refused rate for each cubic second: back at it after some fourteen seconds. */
const GROWTH = 1e-4;
/** Who has not waited for a token lately learns nothing from being let in. */
const SCARCE_FOR_MS = 2_000;
const LONGEST_STEP_MS = 5_000;
const HOLD_MS = 1_000;
const WORTH_TELLING_MS = 60_000;

/**
 * One token bucket for all calls of an API key. Its rate doubles every second until the first
 * refusal. After that each refusal takes three tenths of it, and it comes back as TCP's CUBIC does
 * (RFC 9438): soon near the rate that was refused, long about there, then ever faster, so that a
 * limit that has risen is found as well. Several processes with one key share the limit that way
 * without knowing of each other.
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
  let acceptedAt = -Infinity;
  /** What was refused last; `undefined` before the first refusal. */
  let ceiling: { readonly perSecond: number; readonly cutTo: number } | undefined;
  /** Seconds since then in which there was more to send than the rate allowed. */
  let wanting = 0;

  function refill(): void {
    const now = clock.monotonic();
    // Where there is a limit, requests go out evenly: nobody knows how many it takes at once.
    const burst = ceiling === undefined ? Math.max(1, perSecond) : 1;
    const passed = Math.max(0, now - Math.max(filledAt, holdUntil));
    tokens = Math.min(burst, tokens + (passed / 1000) * perSecond);
    filledAt = now;
  }

  return {
    perSecond: () => perSecond,

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
      const sinceLast = now - acceptedAt;
      acceptedAt = now;
      if (now - scarceAt > SCARCE_FOR_MS) return;
      wanting += Math.min(sinceLast, LONGEST_STEP_MS) / 1000;
      perSecond = Math.min(
        MOST_PER_SECOND,
        ceiling === undefined ? perSecond + 1 : cubic(ceiling, wanting),
      );
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
      tokens = 0;
      filledAt = now;
      wanting = 0;
      const cutTo = Math.max(
        LEAST_PER_SECOND,
        perSecond * (ceiling === undefined ? FIRST_CUT : CUT),
      );
      ceiling = { perSecond, cutTo };
      perSecond = cutTo;
    },
  };
}

/** The rate so many seconds after a refusal: from `cutTo` up to the refused one, and beyond. */
function cubic(
  { perSecond, cutTo }: { readonly perSecond: number; readonly cutTo: number },
  seconds: number,
): number {
  // Slow rates are not kept slow for ever by being slow.
  const scale = GROWTH * Math.max(1, perSecond);
  const plateauAt = Math.cbrt((perSecond - cutTo) / scale);
  return Math.max(cutTo, perSecond + scale * (seconds - plateauAt) ** 3);
}
