import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import Database from 'libsql';

/** A lock that the kernel lets go of when its process ends, however it ends. */
export interface ProcessLock {
  /** Lets go and removes the file: for locks whose name is used only once. */
  discard(): void;
  release(): void;
}

/**
 * Takes a lock, or says at once that another process holds it. The lock is an exclusive
 * transaction on a tiny SQLite file: freed within milliseconds of a SIGKILL, kept through a
 * SIGSTOP, and nobody has to guess whether it is stale.
 *
 * @returns `undefined` when another process holds it
 */
export function takeLock(path: string): ProcessLock | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const sql = new Database(path, { timeout: 0 });
  try {
    // A rollback journal: in WAL mode an exclusive transaction would still let others in.
    sql.pragma('journal_mode = DELETE');
    sql.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    sql.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  const release = (): void => {
    // libsql closes a connection only when its memory is collected; the transaction ends here.
    sql.exec('ROLLBACK');
    sql.close();
  };
  return {
    release,
    discard: () => {
      for (const suffix of ['', '-journal']) rmSync(path + suffix, { force: true });
      release();
    },
  };
}

/** Whether some process holds the lock now. */
export function isLockHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  const lock = takeLock(path);
  lock?.release();
  return lock === undefined;
}

function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_BUSY') || String(error).includes('database is locked');
}
