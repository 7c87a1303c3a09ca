/** A terminal in memory: the few sequences that rbgv writes, lines that wrap, and a history. */
export interface MemoryScreen {
  columns: number;
  readonly rows: number;
  /** What was written, as it came. */
  readonly writes: string[];
  write(text: string): void;
  /** Everything that was ever shown, the history included, without empty lines at the end. */
  lines(): readonly string[];
  readonly cursorIsHidden: boolean;
}

export function createScreen(columns: number, rows: number): MemoryScreen {
  const lines: string[] = [''];
  const writes: string[] = [];
  const cursor = { row: 0, column: 0 };
  let wraps = true;
  let hidden = false;
  const down = (): void => {
    cursor.row += 1;
    if (lines[cursor.row] === undefined) lines.push('');
  };
  const put = (char: string, width: number): void => {
    if (cursor.column >= width) {
      if (!wraps) return;
      down();
      cursor.column = 0;
    }
    const line = (lines[cursor.row] ?? '').padEnd(cursor.column);
    lines[cursor.row] = line.slice(0, cursor.column) + char + line.slice(cursor.column + 1);
    cursor.column += 1;
  };
  const act = (sequence: string): void => {
    if (sequence === '?25l') hidden = true;
    else if (sequence === '?25h') hidden = false;
    else if (sequence === '?7l') wraps = false;
    else if (sequence === '?7h') wraps = true;
    else if (sequence === 'K')
      lines[cursor.row] = (lines[cursor.row] ?? '').slice(0, cursor.column);
    else if (sequence === 'J') {
      lines[cursor.row] = (lines[cursor.row] ?? '').slice(0, cursor.column);
      lines.length = cursor.row + 1;
    } else if (sequence.endsWith('A')) {
      // The cursor cannot leave the screen for the history.
      const top = Math.max(0, lines.length - rows);
      cursor.row = Math.max(top, cursor.row - Number(sequence.slice(0, -1)));
    } else throw new Error(`unknown sequence ${sequence}`);
  };
  return {
    columns,
    rows,
    writes,
    write(text) {
      writes.push(text);
      for (const part of text.matchAll(/\u001b\[([?\d]*[a-zA-Z])|([^\u001b])/gu)) {
        const [, sequence, char = ''] = part;
        if (sequence !== undefined) act(sequence);
        else if (char === '\r') cursor.column = 0;
        else if (char === '\n') {
          down();
          cursor.column = 0;
        } else put(char, this.columns);
      }
    },
    lines: () => lines.join('\n').trimEnd().split('\n'),
    get cursorIsHidden() {
      return hidden;
    },
  };
}
