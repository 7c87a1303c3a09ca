import { printable, redact } from '../core/redact.ts';

/** The one door to the screen: data to stdout, everything else to stderr, secrets to neither. */
export interface Terminal {
  /** Data, one or more lines. */
  out(text: string): void;
  /** Messages, one or more lines. */
  err(text: string): void;
  /** From now on this text never appears. */
  hide(secret: string): void;
  /** Text from outside, as one line that cannot move the cursor. */
  safe(text: string): string;
  /** stderr is a terminal and nothing forbids animation. */
  readonly animated: boolean;
  /** A person can be asked. */
  readonly interactive: boolean;
}

export function createTerminal(isCi: boolean): Terminal {
  const secrets: string[] = [];
  // A reader that has left (`rbgv status | head`, a closed terminal) is no error of ours: work goes on.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
  return {
    out: (text) => void process.stdout.write(`${redact(text, secrets)}\n`),
    err: (text) => void process.stderr.write(`${redact(text, secrets)}\n`),
    hide: (secret) => void secrets.push(secret),
    safe: (text) => printable(redact(text, secrets)),
    animated: process.stderr.isTTY && !isCi,
    interactive: process.stdin.isTTY && process.stderr.isTTY,
  };
}
