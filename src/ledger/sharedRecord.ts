import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import Database from 'libsql';

import { ownRecord, type SharedRecord } from '../core/sharedRecord.ts';
import { prepared, type Sql } from './openDatabase.ts';

/** Others hold the record for less than a millisecond; a process that was stopped may hold it on. */
const PATIENCE_MS = 250;

/**
 * A record in a small file of its own. It is an aid and nothing that may be lost is in it: it does
 * not wait for the disk, is begun anew when it is damaged, and where it cannot be used the process
 * goes on with a record of its own.
 */
export function openSharedRecord<T>(path: string): SharedRecord<T> {
  let sql = openOrReplace(path);
  const own = ownRecord<T>();
  return {
    update(change) {
      if (sql === undefined) return own.update(change);
      let result: { readonly value: ReturnType<typeof change>[1] } | undefined;
      try {
        sql.exec('BEGIN IMMEDIATE');
        const row = prepared(sql, 'SELECT value FROM record').get() as
          { value: string } | undefined;
        const known = row === undefined ? undefined : (JSON.parse(row.value) as T);
        const [next, value] = change(known);
        result = { value };
        // What was learned, a long hold above all, stays known where the file fails later.
        own.update(() => [next, undefined]);
        prepared(sql, 'INSERT OR REPLACE INTO record VALUES (1, ?)').run(JSON.stringify(next));
        sql.exec('COMMIT');
        return value;
      } catch {
        close(sql);
        sql = undefined;
        return result === undefined ? own.update(change) : result.value;
      }
    },
  };
}

function openOrReplace(path: string): Sql | undefined {
  try {
    return open(path);
  } catch (error) {
    // Only what is damaged: others may be at work in a file that is merely busy.
    if (!isDamaged(error)) return undefined;
    try {
      for (const suffix of ['', '-journal']) rmSync(path + suffix, { force: true });
      return open(path);
    } catch {
      return undefined;
    }
  }
}

function isDamaged(error: unknown): boolean {
  const code = error instanceof Database.SqliteError ? error.code : '';
  return code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT');
}

function open(path: string): Sql {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const sql = new Database(path, { timeout: PATIENCE_MS });
  try {
    sql.pragma('journal_mode = MEMORY');
    sql.pragma('synchronous = OFF');
    sql.exec('CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, value TEXT NOT NULL)');
    return sql;
  } catch (error) {
    sql.close();
    throw error;
  }
}

function close(sql: Sql): void {
  try {
    if (sql.inTransaction) sql.exec('ROLLBACK');
    sql.close();
  } catch {
    // It could not be used, and is not used any more.
  }
}
