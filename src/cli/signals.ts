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
      if (code !== undefined) {
        passOnSignal(number);
        process.exit(number);
      }
      code = number;
      onFirst();
      controller.abort(new Error('interrupted'));
    };
    // A library (when-exit, below conf) answers each signal by sending it again: a second ^C that
    // nobody pressed. What it has to clean up it also does when the process exits.
    process.removeAllListeners(name);
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

/**
 * A process that was told to stop ends by that very signal, so that a shell leaves its loop and a
 * supervisor knows why; to a shell the exit code is the same number. It happens last, when all is
 * written. Where a signal of one's own does nothing (process 1 of a container), the number stays.
 *
 * @param exitCode of the command; any but those of an interruption means nothing here
 */
export function passOnSignal(exitCode: number): void {
  const [name] = Object.entries(CODES).find(([, number]) => number === exitCode) ?? [];
  if (name === undefined || process.platform === 'win32') return;
  process.once('exit', () => {
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  });
}
