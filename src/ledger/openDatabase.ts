import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import Database from 'libsql';

import { RbgvError } from '../core/errors.ts';
import { refuseSharedFileSystem } from './fileSystem.ts';
import { beginLedger, hasJournal, refuseLedger, refuseUnsafeFile } from './ledgerFile.ts';
import { SCHEMA_STEPS } from './schema.ts';

export type Sql = Database.Database;

/**
 * Opens the ledger's database, or makes it on first use. Every commit reaches the disk before the
 * next step: with `synchronous=NORMAL` a power cut makes rbgv forget paid starts.
 *
 * @param knownSteps how many steps it must know of at least; 0 when a new one may be begun
 * @throws RbgvError of category `ledger`; a damaged ledger is never replaced by an empty one,
 * because an empty one would pay for everything again
 */
export function openDatabase(path: string, knownSteps: number): Sql {
  let sql: Sql | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    refuseSharedFileSystem(dirname(path));
    if (!existsSync(path)) {
      if (knownSteps > 0 || hasJournal(path)) {
        throw refuseLedger('ledger_missing', `the ledger \`${path}\` is gone`);
      }
      beginLedger(path);
    }
    refuseUnsafeFile(path);
    sql = new Database(path, { timeout: 10_000 });
    // Before anything is set: what is refused stays as it is.
    refuseDamaged(sql, path, knownSteps);
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
    const message = `cannot use the ledger \`${path}\``;
    throw refuseLedger('ledger_unreadable', message, undefined, error);
  }
}

const STATEMENTS = new WeakMap<Sql, Map<string, Database.Statement>>();

/** A statement, compiled once: with the triggers behind it that costs ten times what running does. */
export function prepared(sql: Sql, text: string): Database.Statement {
  const known = STATEMENTS.get(sql) ?? new Map<string, Database.Statement>();
  STATEMENTS.set(sql, known);
  const statement = known.get(text) ?? sql.prepare(text);
  known.set(text, statement);
  return statement;
}

function refuseDamaged(sql: Sql, path: string, knownSteps: number): void {
  const version = numberOf(sql, 'PRAGMA user_version');
  if (version > SCHEMA_STEPS.length) {
    const hint = 'update rbgv; nothing was sent or charged';
    throw refuseLedger('ledger_newer', 'the ledger was written by a newer rbgv', hint);
  }
  if (version === 0) {
    throw refuseLedger('ledger_unreadable', `\`${path}\` is no ledger of rbgv's`);
  }
  // Also holds tables against their indexes: a name that lost a bit would be paid for anew.
  const finding = firstColumn(sql, 'PRAGMA integrity_check(1)');
  if (finding !== 'ok') {
    throw refuseLedger(
      'ledger_unreadable',
      `the ledger \`${path}\` is damaged: ${String(finding)}`,
    );
  }
  const steps = countSteps(sql);
  if (steps < knownSteps) {
    const lost = knownSteps - steps;
    const message = `the ledger \`${path}\` lacks its latest steps (${lost}): an old copy, or without its \`-wal\``;
    throw refuseLedger('ledger_behind', message);
  }
}

/** Brings an older ledger up to date; of two processes one does it. */
function migrate(sql: Sql): void {
  sql.exec('BEGIN IMMEDIATE');
  try {
    const version = numberOf(sql, 'PRAGMA user_version');
    for (const step of SCHEMA_STEPS.slice(version)) sql.exec(step);
    sql.exec(`PRAGMA user_version = ${SCHEMA_STEPS.length}`);
    sql.exec('COMMIT');
  } catch (error) {
    sql.exec('ROLLBACK');
    throw error;
  }
}

/** How many steps a ledger has written down, over all of its jobs. */
export function countSteps(sql: Sql): number {
  return numberOf(sql, 'SELECT MAX(seq) FROM job_event');
}

function numberOf(sql: Sql, query: string): number {
  return Number(firstColumn(sql, query) ?? 0);
}

function firstColumn(sql: Sql, query: string): unknown {
  return Object.values(sql.prepare(query).get() as Readonly<Record<string, unknown>>)[0];
}
