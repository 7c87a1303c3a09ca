import ora from 'ora';

import type { Terminal } from '../terminal.ts';

/** One line that changes in place, on a terminal only. */
export interface ProgressLine {
  update(text: string): void;
  /** Prints lines above the changing one. */
  print(text: string): void;
  stop(): void;
}

export function createProgressLine(terminal: Terminal): ProgressLine {
  if (!terminal.animated) {
    return {
      update: () => undefined,
      print: (text) => {
        terminal.err(text);
      },
      stop: () => undefined,
    };
  }
  // ora must leave stdin alone: a paste or ^C during work belongs to the shell.
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  return {
    update(text) {
      const width = Math.max(20, process.stderr.columns - 4);
      spinner.text = text.length > width ? `${text.slice(0, width - 1)}…` : text;
      if (!spinner.isSpinning) spinner.start();
    },
    print(text) {
      const wasSpinning = spinner.isSpinning;
      if (wasSpinning) spinner.stop();
      terminal.err(text);
      if (wasSpinning) spinner.start();
    },
    stop: () => void spinner.stop(),
  };
}
