import { createInterface } from 'node:readline/promises';

import { RbgvError } from '../core/errors.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks a person a yes-or-no question on stderr. Anything but `y` or `yes` is a no.
 *
 * @throws RbgvError `needs_confirmation` when there is nobody to ask
 */
export async function confirm(
  question: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  if (!terminal.interactive) {
    throw new RbgvError('usage', 'needs_confirmation', `${question} nobody is there to answer`, {
      hint: 'without a terminal, agree beforehand with --yes (and limit the cost with --max-credits)',
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // While a line is read ^C is a key, not a signal: make it one again.
  lines.once('SIGINT', () => {
    process.stderr.write('\n');
    process.kill(process.pid, 'SIGINT');
  });
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([lines.question(`${question} (y/N) `, { signal }), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
