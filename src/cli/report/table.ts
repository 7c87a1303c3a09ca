export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Characters that take two places on a screen (Unicode: East Asian width). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/**
 * A table as text, without borders: columns read well, and `grep`, `cut` and `sort` can take them.
 * Cells must be printable already.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, widthOf(line[column] ?? '')), 0),
  );
  return lines
    .map((line) =>
      columns
        .map(({ align }, column) => {
          const cell = line[column] ?? '';
          const space = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
          return align === 'right' ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const segmenter = new Intl.Segmenter();

/** Places that a text takes on a screen. */
function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return Array.from(segmenter.segment(text)).reduce(
    (sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1),
    0,
  );
}

/** `4.0 s`, `1:02.5`, `1:04:10`: seconds for people. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const tenths = Math.round(seconds * 10);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor((tenths % 36_000) / 600);
  const rest = (tenths % 600) / 10;
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  return hours > 0
    ? `${hours}:${pad(minutes, 2)}:${pad(Math.floor(rest), 2)}`
    : `${minutes}:${rest.toFixed(1).padStart(4, '0')}`;
}
