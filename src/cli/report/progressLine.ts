import ora from 'ora';

import type { Terminal } from '../terminal.ts';
import { cutText } from './fitText.ts';

/** One line that changes in place, on a terminal only. */
export interface ProgressLine {
  /** @param text printable already */
  update(text: string): void;
  stop(): void;
}

export function createProgressLine(terminal: Terminal): ProgressLine {
  if (!terminal.animated) return { update: () => undefined, stop: () => undefined };
  // ora must leave stdin alone: a paste or ^C during work belongs to the shell.
  const spinner = ora({
    stream: process.stderr,
    discardStdin: false,
    color: terminal.coloured ? 'cyan' : false,
  });
  return {
    update(text) {
      spinner.text = cutText(text, Math.max(10, process.stderr.columns - 4));
      if (spinner.isSpinning) return;
      spinner.start();
      terminal.handOver((message) => {
        spinner.clear();
        process.stderr.write(`${message}\n`);
        spinner.render();
      });
    },
    stop() {
      if (!spinner.isSpinning) return;
      terminal.handOver(undefined);
      spinner.stop();
    },
  };
}
