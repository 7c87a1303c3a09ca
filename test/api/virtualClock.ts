import { setImmediate as turn } from 'node:timers/promises';

import type { Clock } from '../../src/core/clock.ts';

/**
 * Time that moves on by itself, to the next sleeper, as soon as nothing else is to be done: an hour
 * in a second. For code that waits for nothing but this clock.
 */
export function virtualClock(): Clock & { run(work: Promise<unknown>): Promise<void> } {
  let now = 0;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        sleepers.push({ at: now + ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    async run(work) {
      const state = { going: true };
      const end = (): void => {
        state.going = false;
      };
      work.then(end, end);
      for (;;) {
        await turn();
        if (!state.going) break;
        now = Math.min(...sleepers.map(({ at }) => at));
        const due = sleepers.filter(({ at }) => at <= now);
        sleepers = sleepers.filter(({ at }) => at > now);
        for (const { wake } of due) wake();
      }
      await work;
    },
  };
}
