import type { GlobalOptions } from '../context.ts';

/** What every command needs from the program around it. */
export interface Wiring {
  /** Receives the exit code of the command that ran. */
  readonly done: (code: number) => void;
  /** The options that stand before or after any command. */
  readonly globals: () => GlobalOptions;
}
