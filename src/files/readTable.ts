import { createReadStream } from 'node:fs';

import { RbgvError } from '../core/errors.ts';

/** One row as written; nobody has judged its cells yet. */
export interface TableRow {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<string, unknown>>;
}

export interface LineProblem {
  readonly line: number;
  readonly reason: string;
}

export interface Table {
  readonly rows: readonly TableRow[];
  readonly problems: readonly LineProblem[];
}

const LARGEST_BYTES = 64_000_000;
const MOST_ROWS = 100_000;

/**
 * Reads a table of rows with named cells: `.csv` (RFC 4180, names in its first row) or lines of JSON
 * objects. Cells are text: nothing in them is ever evaluated. Empty CSV cells and empty lines are
 * left out.
 *
 * @throws RbgvError `manifest_too_large` above 64 MB or 100,000 rows; the file system's error
 */
export async function readTable(path: string): Promise<Table> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BYTES) throw tooLarge(path, 'is larger than 64 MB');
    chunks.push(chunk);
  }
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return { rows: [], problems: [{ line: 1, reason: 'the file is not UTF-8 text' }] };
  }
  const table = path.toLowerCase().endsWith('.csv') ? fromCsv(text) : fromJsonLines(text);
  if (table.rows.length > MOST_ROWS) throw tooLarge(path, 'has more than 100,000 rows');
  return table;
}

function tooLarge(path: string, what: string): RbgvError {
  return new RbgvError('usage', 'manifest_too_large', `\`${path}\` ${what}`, {
    hint: 'nothing was sent; split it into several manifests',
  });
}

function fromJsonLines(text: string): Table {
  const rows: TableRow[] = [];
  const problems: LineProblem[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    if (content.trim() === '') continue;
    const line = index + 1;
    let cells: unknown;
    try {
      cells = JSON.parse(content);
    } catch {
      cells = undefined;
    }
    if (typeof cells === 'object' && cells !== null && !Array.isArray(cells)) {
      rows.push({ line, cells: cells as TableRow['cells'] });
    } else {
      problems.push({ line, reason: 'the line is no JSON object' });
    }
  }
  return { rows, problems };
}

function fromCsv(text: string): Table {
  const [header, ...records] = csvRecords(text);
  if (header === undefined) return { rows: [], problems: [] };
  const names = header.cells.map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const reason = `the column \`${twice}\` is there twice`;
    return { rows: [], problems: [{ line: header.line, reason }] };
  }
  const rows: TableRow[] = [];
  const problems: LineProblem[] = [];
  for (const { line, cells, isOpen } of records) {
    if (isOpen) {
      problems.push({ line, reason: 'a quotation mark is never closed' });
    } else if (cells.length > names.length) {
      const reason = `${cells.length} cells, but ${names.length} columns`;
      problems.push({ line, reason });
    } else if (cells.some((cell) => cell !== '')) {
      const filled = cells.map((cell, column) => [names[column] ?? '', cell.trim()] as const);
      rows.push({ line, cells: Object.fromEntries(filled.filter(([, cell]) => cell !== '')) });
    }
  }
  return { rows, problems };
}

interface CsvRecord {
  readonly line: number;
  readonly cells: string[];
  /** The text ended within quotation marks. */
  readonly isOpen: boolean;
}

/** A cell: quoted, in which two marks stand for one, or anything up to the next separator. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)("|$)([^,\r\n]*)|([^,\r\n]*))(,|\r\n|\n|\r|$)/gy;

function csvRecords(text: string): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = 1;
  let begin = 1;
  let cells: string[] = [];
  const cell = new RegExp(CELL);
  const { length } = text;
  for (;;) {
    const match = cell.exec(text);
    if (match === null) return records;
    const [whole, quoted, mark, rest = '', plain = '', end] = match;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"') + rest);
    line += whole.split(/\r\n|\n|\r/).length - 1;
    const isLast = cell.lastIndex >= length && end !== ',';
    if (end === ',') continue;
    const isOpen = quoted !== undefined && mark === '';
    if (cells.length > 1 || cells[0] !== '' || isOpen) records.push({ line: begin, cells, isOpen });
    if (isLast) return records;
    cells = [];
    begin = line;
  }
}
