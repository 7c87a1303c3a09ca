import { systemClock, type Clock } from '../../src/core/clock.ts';

/** Time that passes so many times faster: two seconds between polls become twenty milliseconds. */
export function scaledClock(scale: number): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now() * scale,
    async sleep(ms, signal) {
      await systemClock.sleep(ms / scale, signal);
    },
  };
}
