/** Work that nobody waits for, except the end of the sandbox. */
export interface BackgroundWork {
  /** A failure is logged, unless the sandbox is closing. */
  add(work: Promise<unknown>): void;
  /** Resolves when all that was added has ended. */
  settled(): Promise<void>;
}

export function createBackgroundWork(
  closing: AbortSignal,
  log: (line: string) => void,
): BackgroundWork {
  const running = new Set<Promise<unknown>>();
  return {
    add(work) {
      const watched = work
        .catch((error: unknown) => {
          if (!closing.aborted) log(`internal error: ${String(error)}`);
        })
        .finally(() => running.delete(watched));
      running.add(watched);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}
