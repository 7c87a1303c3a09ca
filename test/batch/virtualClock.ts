import type { Clock } from '../../src/core/clock.ts';

/** Time that stands still while anybody is at work, and then jumps to where the next one wakes. */
export interface VirtualClock extends Clock {
  /** Lets time pass until the work is done. */
  run<T>(work: Promise<T>): Promise<T>;
}

/** @param settle resolves when nobody is at work any more, as far as can be seen */
export function virtualClock(settle: () => Promise<unknown>): VirtualClock {
  let now = Date.parse('2026-05-01T12:00:00Z');
  let sleepers: readonly { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => Math.round(now),
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((wake, reject) => {
        signal?.throwIfAborted();
        const giveUp = (): void => {
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        const end = (): void => {
          signal?.removeEventListener('abort', giveUp);
          wake();
        };
        sleepers = [...sleepers, { at: now + ms, wake: end }];
      }),
    async run(work) {
      const state = { isDone: false };
      const end = (): void => void (state.isDone = true);
      work.then(end, end);
      for (;;) {
        await settle();
        if (state.isDone) return work;
        const at = Math.min(...sleepers.map((sleeper) => sleeper.at));
        now = Math.max(now, Number.isFinite(at) ? at : now);
        const due = sleepers.filter((sleeper) => sleeper.at <= now);
        sleepers = sleepers.filter((sleeper) => sleeper.at > now);
        for (const { wake } of due) wake();
      }
    },
  };
}
