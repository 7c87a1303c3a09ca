import { readFileSync, statSync } from 'node:fs';

import { RbgvError } from '../core/errors.ts';

/**
 * Reads a file that holds a secret.
 *
 * @throws RbgvError `open_key_file` when other users can read it; a system error when it is not there
 */
export function readPrivateFile(path: string): string {
  const isOpen = (statSync(path).mode & 0o077) !== 0 && process.platform !== 'win32';
  if (isOpen) {
    throw new RbgvError('usage', 'open_key_file', `other users can read the key file \`${path}\``, {
      hint: `make it private: chmod 600 '${path}'`,
    });
  }
  return readFileSync(path, 'utf8');
}
