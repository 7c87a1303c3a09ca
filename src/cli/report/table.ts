import Table from 'cli-table3';
import stringWidth from 'string-width';

/** Columns without borders: they read well, and `grep`, `cut` and `sort` can take them. */
const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** The library's time grows with the square of a table's rows; parts of this size take none. */
const ROWS_A_PART = 200;

/** A table as text. Cells must be printable already. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, stringWidth(line[column] ?? '')), 1),
  );
  const parts = Array.from({ length: Math.ceil(lines.length / ROWS_A_PART) }, (_, part) => {
    const table = new Table({
      colAligns: columns.map(({ align }) => align ?? 'left'),
      colWidths: widths,
      chars: PLAIN,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    });
    const from = part * ROWS_A_PART;
    for (const line of lines.slice(from, from + ROWS_A_PART)) table.push([...line]);
    return table.toString();
  });
  return parts
    .join('\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
