import Database from 'libsql';

import { RbgvError } from '../../core/errors.ts';

/**
 * Claims a data folder for this process, so that two sandboxes never work the same jobs. The lock
 * is the kernel's, held through an SQLite file: a killed process lets go of it at once, a suspended
 * one keeps it.
 *
 * @returns a function that lets go
 * @throws RbgvError `sandbox_in_use` when another sandbox holds the folder
 */
export function lockDataFolder(lockPath: string): () => void {
  const database = new Database(lockPath, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new RbgvError('ledger', 'sandbox_in_use', `\`${lockPath}\` is held by another sandbox`, {
      hint: 'wait until it ends, or give this one another data folder',
      cause,
    });
  }
  return () => database.close();
}
