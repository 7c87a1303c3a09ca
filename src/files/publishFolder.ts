import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import { numberedPath } from './numberedPath.ts';
import { syncFolder } from './syncFolder.ts';

/** What `rename` answers when something other than an empty folder has the name. */
const TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

/**
 * Gives a finished part folder its final name, all at once and never over anything: a taken name
 * becomes `name-2`, `name-3` and so on. An empty folder counts as free. Its content must be synced
 * already, and it must lie on the same file system.
 *
 * @returns the path taken
 * @throws the file system's error; the part folder is then still there
 */
export async function publishFolder(partPath: string, finalPath: string): Promise<string> {
  const folder = dirname(finalPath);
  await mkdir(folder, { recursive: true });
  for (let number = 1; ; number++) {
    const path = numberedPath(finalPath, number);
    if (await move(partPath, path)) {
      await syncFolder(folder);
      return path;
    }
  }
}

/** `false` when the name belongs to something else. */
async function move(partPath: string, path: string): Promise<boolean> {
  try {
    await rename(partPath, path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (TAKEN.has(code)) return false;
    // Windows does not tell a taken name from a forbidden one.
    if (code === 'EPERM' && (await exists(path))) return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
