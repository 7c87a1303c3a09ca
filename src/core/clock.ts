import { setTimeout as delay } from 'node:timers/promises';

/** The only source of time in the program, so that a test can own it. */
export interface Clock {
  /** Milliseconds since the epoch; may jump. For records and for people. */
  now(): number;
  /**
   * Milliseconds on a clock that never jumps, the same for all processes until the machine is started
   * anew. For waiting.
   */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};
