import PQueue from 'p-queue';

import { takePlace } from '../core/place.ts';

/** Places for jobs at work on the server; held from before the start until the job has ended. */
export interface JobSlots {
  /**
   * Waits for a place.
   *
   * @throws the signal's reason when aborted
   */
  take(signal: AbortSignal): Promise<() => void>;
  /** A place for a job that is at work already, without waiting. */
  occupy(): () => void;
  /** The server said that there are too many. */
  tooMany(): void;
  /** A job has ended. */
  ended(): void;
}

/** Jobs that end before one more is tried again. */
const ENDED_PER_STEP = 20;

/**
 * Up to `most` places; one fewer each time the server says that there are too many jobs, one more
 * for each twenty jobs that ended.
 */
export function createJobSlots(most: number): JobSlots {
  const queue = new PQueue({ concurrency: most });
  let ended = 0;
  return {
    take: (signal) => takePlace(queue, signal),
    occupy() {
      const place = takePlace(queue, new AbortController().signal, 1);
      return () => void place.then((giveBack) => giveBack());
    },
    tooMany() {
      ended = 0;
      queue.concurrency = Math.max(1, queue.concurrency - 1);
    },
    ended() {
      ended += 1;
      if (ended < ENDED_PER_STEP) return;
      ended = 0;
      queue.concurrency = Math.min(most, queue.concurrency + 1);
    },
  };
}
