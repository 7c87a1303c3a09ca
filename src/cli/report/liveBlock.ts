import stringWidth from 'string-width';

import type { Clock } from '../../core/clock.ts';

/** Where a block is drawn: standard error, or what stands for it. */
export interface Screen {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Lines at the bottom of a screen that change in place; what ends scrolls away above them. */
export interface LiveBlock {
  /** Text, one or more lines, above the block; shown with the next frame. */
  print(text: string): void;
  /** Takes the block away. */
  stop(): void;
}

const FRAME_MS = 100;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_REST = '\u001b[K';
const ERASE_BELOW = '\u001b[J';
/** A line that proves wider than reckoned is cut by the terminal instead of moving all others. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';

/**
 * Opens a block. Each frame is one write, at most ten a second, and none when nothing has changed.
 * The cursor comes back however the process ends, except by SIGKILL, and while it is suspended.
 *
 * @param draw the lines, for a screen of this size
 */
export function openLiveBlock(
  screen: Screen,
  draw: (size: { readonly columns: number; readonly rows: number }) => readonly string[],
  clock: Clock,
): LiveBlock {
  const ended = new AbortController();
  let above: string[] = [];
  let shown: readonly string[] = [];

  const restore = (): void => void screen.write(`${WRAP}${SHOW_CURSOR}`);
  const suspend = (): void => {
    restore();
    process.kill(process.pid, 'SIGSTOP');
  };
  const goOn = (): void => {
    shown = [];
    screen.write(HIDE_CURSOR);
  };
  process.on('exit', restore);
  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', goOn);
  screen.write(HIDE_CURSOR);

  function paint(lines: readonly string[]): void {
    const isSame =
      lines.length === shown.length && lines.every((line, index) => line === shown[index]);
    if (isSame && above.length === 0) return;
    const rest = (line: string): string => `${line}${ERASE_REST}\n`;
    const up = rowsOf(shown, screen.columns);
    screen.write(
      [
        up === 0 ? '\r' : `\u001b[${up}A\r`,
        ...above.map(rest),
        NO_WRAP,
        ...lines.map(rest),
        WRAP,
        ERASE_BELOW,
      ].join(''),
    );
    above = [];
    shown = lines;
  }

  const frame = (): void => paint(draw({ columns: screen.columns ?? 80, rows: screen.rows ?? 24 }));

  async function run(): Promise<void> {
    while (!ended.signal.aborted) {
      frame();
      await clock.sleep(FRAME_MS, ended.signal).catch(() => undefined);
    }
  }
  void run();

  return {
    print: (text) => void above.push(...text.split('\n')),
    stop() {
      if (ended.signal.aborted) return;
      ended.abort();
      paint([]);
      process.off('exit', restore);
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', goOn);
      restore();
    },
  };
}

/** Rows that lines take now: a terminal made narrower has wrapped them. */
function rowsOf(lines: readonly string[], columns = 80): number {
  return lines.reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / Math.max(1, columns))),
    0,
  );
}
