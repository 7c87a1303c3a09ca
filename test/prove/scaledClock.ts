import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '../../src/core/clock.ts';

/** Time that passes so many times faster: two seconds between polls become twenty milliseconds. */
export function scaledClock(scale: number): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now() * scale,
    async sleep(ms, signal) {
      await delay(ms / scale, undefined, signal === undefined ? {} : { signal });
    },
  };
}
