/**
 * Waits for something shared by many clips, and no longer than the run lasts. Leaves no listener
 * behind: a signal lives as long as the run.
 *
 * @param settled never rejects
 * @throws the signal's reason when aborted
 */
export function orAborted(settled: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    void settled.then(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
