import { appendFileSync } from 'node:fs';

import { onExchange, type ExchangeRecord } from '../api/exchangeRecord.ts';
import type { Clock } from '../core/clock.ts';
import type { Terminal } from './terminal.ts';

/**
 * Writes a line for every request from now on: when, what, status, time taken, which try, request
 * id. No key, no body, and of an output's address no permission.
 *
 * @param file lines are added to it, readable by its owner alone; `undefined`: standard error
 * @throws the file system's error when the file cannot be written
 */
export function logRequests(file: string | undefined, terminal: Terminal, clock: Clock): void {
  const write = (line: string): void => {
    if (file === undefined) terminal.err(line);
    else appendFileSync(file, `${line}\n`, { mode: 0o600 });
  };
  if (file !== undefined) appendFileSync(file, '', { mode: 0o600 });
  onExchange((record) => write(terminal.safe(lineOf(record, clock.now()))));
}

function lineOf(record: ExchangeRecord, now: number): string {
  const { method, url, status, failure, ms, attempt, requestId } = record;
  const parts = [
    new Date(now).toISOString(),
    method,
    url,
    status === undefined ? '-' : String(status),
    `${ms} ms`,
    ...(attempt === 1 ? [] : [`try ${attempt}`]),
    ...(requestId === undefined ? [] : [requestId]),
    ...(failure === undefined ? [] : [failure]),
  ];
  return parts.join(' ');
}
