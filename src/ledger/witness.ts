import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Room for every number of steps, so that a newer one always covers the older. */
const WIDTH = 16;

/**
 * How many steps the ledger has taken, kept beside it: a number that only grows. A ledger that
 * knows of fewer has lost its end, because its `-wal` was deleted or cut, or an old copy was put in
 * its place; SQLite itself cannot tell.
 */
export interface Witness {
  /** As an earlier process left it; 0 when nobody did. */
  readonly steps: number;
  /**
   * Not synced: a kill cannot lose it; a power cut may set it back, which costs a warning and
   * nothing else.
   */
  note(steps: number): void;
  close(): void;
}

export function openWitness(stateDir: string): Witness {
  const path = join(stateDir, 'ledger.steps');
  const text = readOrEmpty(path).trim();
  const steps = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  let file: number | undefined;
  return {
    steps,
    note(count) {
      file ??= openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
      writeSync(file, String(count).padStart(WIDTH), 0);
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
