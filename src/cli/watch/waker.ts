import { watch } from 'node:fs';

import type { Clock } from '../../core/clock.ts';

/** Waits that a change in a folder cuts short. */
export interface Waker {
  /** Resolves after the time, a change, or an interruption, whichever is first. */
  sleep(ms: number): Promise<void>;
  close(): void;
}

/** A file that grows wakes often: no more than this. */
const LEAST_MS = 200;

/**
 * Listens to a folder's own changes. This only saves time: notices do not come from network mounts
 * nor from folders below, so whoever sleeps here looks for itself after at most the time given.
 */
export function openWaker(folder: string, clock: Clock, signal: AbortSignal): Waker {
  let change = new AbortController();
  const watcher = watch(folder, { persistent: false }, () => change.abort());
  watcher.on('error', () => watcher.close());
  const sleep = (ms: number, until: AbortSignal): Promise<void> =>
    clock.sleep(Math.max(0, ms), until).catch(() => undefined);
  return {
    async sleep(ms) {
      await sleep(Math.min(ms, LEAST_MS), signal);
      await sleep(ms - LEAST_MS, AbortSignal.any([signal, change.signal]));
      change = new AbortController();
    },
    close: () => watcher.close(),
  };
}
