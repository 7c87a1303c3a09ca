import { setMaxListeners } from 'node:events';

/** What the outside has asked for while a command works. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** 130 for ^C, 143 for SIGTERM, 129 for a closed terminal; `undefined` while nobody asked. */
  exitCode(): number | undefined;
  /** Gives the signals back to the system. */
  dispose(): void;
}

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * The first signal asks for an orderly end; the second ends the process at once, which is safe:
 * every step is on disk before the next begins.
 *
 * @param onFirst tells the person what is happening
 */
export function watchSignals(onFirst: () => void): Interruption {
  const controller = new AbortController();
  // Every transfer in flight listens.
  setMaxListeners(0, controller.signal);
  let code: number | undefined;
  const handlers = Object.entries(CODES).map(([name, number]) => {
    const handler = (): void => {
      if (code !== undefined) process.exit(number);
      code = number;
      onFirst();
      controller.abort(new Error('interrupted'));
    };
    process.on(name, handler);
    return { name, handler };
  });
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose() {
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}
