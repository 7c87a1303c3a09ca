import { RbgvError } from '../core/errors.ts';

/**
 * Gives the same object with methods whose database errors say what a user can do. Errors of other
 * kinds, a broken money rule above all, pass as they are.
 */
export function translateErrors<T extends object>(target: T): T {
  const methods = Object.entries(target).map(([name, method]) => [
    name,
    typeof method === 'function'
      ? (...given: unknown[]): unknown => {
          try {
            return (method as (...given: unknown[]) => unknown).apply(target, given);
          } catch (error) {
            throw translated(error);
          }
        }
      : (method as unknown),
  ]);
  return Object.fromEntries(methods) as T;
}

function translated(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new RbgvError('ledger', 'ledger_busy', 'another rbgv keeps the ledger locked', {
      hint: 'is one stopped in the middle (^Z)? let it go on or end it, then run the same command again',
      cause: error,
    });
  }
  if (/^SQLITE_(CORRUPT|NOTADB|IOERR|FULL|READONLY|CANTOPEN)/.test(code)) {
    return new RbgvError('ledger', 'ledger_unreadable', 'the ledger can no longer be used', {
      hint: 'nothing further was sent; look at the disk, keep the file, then run the same command again',
      cause: error,
    });
  }
  return error;
}
