import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import Database from 'libsql';

import { RbgvError } from '../core/errors.ts';
import { refuseSharedFileSystem } from './fileSystem.ts';
import { SCHEMA_STEPS } from './schema.ts';

export type Sql = Database.Database;

/**
 * Opens the ledger's database, or makes it on first use. Every commit reaches the disk before the
 * next step: with `synchronous=NORMAL` a power cut makes rbgv forget paid starts.
 *
 * @throws RbgvError `ledger_unreadable` or `ledger_newer`; a damaged ledger is never replaced by an
 * empty one, because an empty one would pay for everything again
 */
export function openDatabase(path: string): Sql {
  let sql: Sql | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    refuseSharedFileSystem(dirname(path));
    sql = new Database(path, { timeout: 10_000 });
    sql.pragma('journal_mode = WAL');
    sql.pragma('synchronous = FULL');
    sql.pragma('fullfsync = ON');
    sql.pragma('foreign_keys = ON');
    chmodSync(path, 0o600);
    migrate(sql);
    return sql;
  } catch (error) {
    sql?.close();
    if (error instanceof RbgvError) throw error;
    throw new RbgvError('ledger', 'ledger_unreadable', `cannot use the ledger \`${path}\``, {
      hint:
        'nothing was sent or charged; keep the file (it knows what has been paid) ' +
        'and restore it from a backup, or move it away to begin a new one',
      cause: error,
    });
  }
}

function migrate(sql: Sql): void {
  // Two first runs at once: only one may create the tables.
  sql.exec('BEGIN IMMEDIATE');
  try {
    const { user_version: version } = sql.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version > SCHEMA_STEPS.length) {
      throw new RbgvError('ledger', 'ledger_newer', 'the ledger was written by a newer rbgv', {
        hint: 'update rbgv; nothing was sent or charged',
      });
    }
    for (const step of SCHEMA_STEPS.slice(version)) sql.exec(step);
    sql.exec(`PRAGMA user_version = ${SCHEMA_STEPS.length}`);
    sql.exec('COMMIT');
  } catch (error) {
    sql.exec('ROLLBACK');
    throw error;
  }
}
