import { stringify } from 'csv-stringify/sync';

/** Rows as CSV; a cell that a spreadsheet would run as a formula is made plain text. */
export function formatCsv(rows: readonly (readonly (string | number)[])[]): string {
  const text = stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true },
  );
  return text.trimEnd();
}
