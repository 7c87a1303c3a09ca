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
  /** Text in a colour, where colours are wanted. */
  paint(text: string, colour: Colour): string;
  /**
   * From now on messages are handed to whoever changes lines in place, to be printed above them;
   * `undefined` ends it.
   */
  handOver(print: ((text: string) => void) | undefined): void;
  /** stderr is a terminal and nothing forbids animation. */
  readonly animated: boolean;
  readonly coloured: boolean;
  /** Places in a line of data; endless when it goes to a file or another program. */
  columns(): number;
  /** A person can be asked. */
  readonly interactive: boolean;
}

export type Colour = 'red' | 'green' | 'yellow';

const SGR: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33 };

/** @param plain what the environment asks to leave out */
export function createTerminal(plain: {
  readonly isCi: boolean;
  readonly isDumb: boolean;
  readonly noColour: boolean;
}): Terminal {
  const secrets: string[] = [];
  const write = (text: string): void => void process.stderr.write(`${text}\n`);
  let print = write;
  // A terminal that does not know its size says 0: nothing can be drawn there.
  const hasSize = process.stderr.isTTY && process.stderr.columns > 0;
  const animated = hasSize && !plain.isCi && !plain.isDumb;
  const coloured = animated && !plain.noColour;
  // A reader that has left (`rbgv status | head`, a closed terminal) is no error of ours: work goes on.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
  return {
    out: (text) => void process.stdout.write(`${redact(text, secrets)}\n`),
    err: (text) => print(redact(text, secrets)),
    hide: (secret) => void secrets.push(secret),
    safe: (text) => printable(redact(text, secrets)),
    paint: (text, colour) => (coloured ? `\u001b[${SGR[colour]}m${text}\u001b[39m` : text),
    handOver: (printAbove = write) => {
      print = printAbove;
    },
    columns: () => (process.stdout.isTTY && process.stdout.columns) || Infinity,
    animated,
    coloured,
    interactive: process.stdin.isTTY && process.stderr.isTTY,
  };
}
