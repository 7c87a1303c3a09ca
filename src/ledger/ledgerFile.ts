import { chmodSync, existsSync, linkSync, renameSync, rmSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

import Database from 'libsql';

import { RbgvError } from '../core/errors.ts';
import { SCHEMA_STEPS } from './schema.ts';

const KEEP =
  'nothing was sent or charged; keep the file (it knows what has been paid) ' +
  'and restore it from a backup, or move it away and rebuild it with: rbgv adopt';

/** What is wrong with a ledger, and what to do. It is never replaced by an empty one. */
export function refuseLedger(
  code: string,
  message: string,
  hint = KEEP,
  cause?: unknown,
): RbgvError {
  return new RbgvError('ledger', code, message, { hint, cause });
}

/**
 * Makes an empty ledger, whole before it has its name: one that is found empty was never made so by
 * rbgv. When another process is faster, its ledger stands.
 */
export function beginLedger(path: string): void {
  const temporary = `${path}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  const sql = new Database(temporary);
  sql.exec(
    `BEGIN IMMEDIATE; ${SCHEMA_STEPS.join('')} PRAGMA user_version = ${SCHEMA_STEPS.length}; COMMIT`,
  );
  sql.close();
  chmodSync(temporary, 0o600);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      // No hard links here: the name is taken all the same, if not against a rival.
      renameSync(temporary, path);
    }
  }
  rmSync(temporary, { force: true });
}

/**
 * Refuses a file that others could have written, that cannot be written, or that holds nothing.
 *
 * @param uid of this process; `undefined` where the system knows no owners
 * @throws RbgvError of category `ledger`
 */
export function refuseUnsafeFile(path: string, uid = process.getuid?.()): void {
  const file = statSync(path);
  if (file.size === 0) {
    throw refuseLedger('ledger_unreadable', `the ledger \`${path}\` is empty: its content is lost`);
  }
  if (uid === undefined) return;
  if (file.uid !== uid) {
    const hint = 'nothing was sent or charged; run rbgv as the user whose ledger it is';
    throw refuseLedger('ledger_foreign', `the ledger \`${path}\` belongs to another user`, hint);
  }
  if ((file.mode & 0o200) === 0) {
    const hint = `nothing was sent or charged; rbgv cannot work without it: chmod 600 '${path}'`;
    throw refuseLedger('ledger_read_only', `the ledger \`${path}\` is read-only`, hint);
  }
  const folder = dirname(path);
  const open = isOpen(file) ? path : isOpen(statSync(folder)) ? folder : undefined;
  if (open !== undefined) {
    const hint = `nothing was sent or charged; make it private, if it is as you left it: chmod go-w '${open}'`;
    throw refuseLedger('ledger_open', `other users can write to \`${open}\``, hint);
  }
}

/** Everybody may write, or replace what is in it; a sticky folder keeps files to their owners. */
function isOpen({ mode }: Stats): boolean {
  return (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
}

/** Whether the journal of a ledger is there, which holds its latest steps until they are moved. */
export function hasJournal(path: string): boolean {
  return existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
}
