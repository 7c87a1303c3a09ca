import { link, lstat, mkdir, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';

import { syncFolder } from './syncFolder.ts';

/** What file systems without hard links answer (exFAT, some network and container mounts). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK']);

/**
 * Gives a finished part file its final name without ever overwriting: a taken name becomes
 * `name-2.ext`, `name-3.ext` and so on. The part file must lie on the same file system, its bytes
 * already synced. Safe to repeat: when an earlier call was cut off between its two steps, this one
 * completes it.
 *
 * @param hardLink replaces the system's `link`, for file systems that lack it
 * @returns the path taken
 * @throws the file system's error; the part file is then still there
 */
export async function publishFile(
  partPath: string,
  finalPath: string,
  hardLink: (from: string, to: string) => Promise<void> = link,
): Promise<string> {
  const folder = dirname(finalPath);
  await mkdir(folder, { recursive: true });
  for (let number = 1; ; number++) {
    const path = numbered(finalPath, number);
    if (await claim(partPath, path, hardLink)) {
      await syncFolder(folder);
      return path;
    }
  }
}

/** `name.ext`, `name-2.ext`, `name-3.ext`… */
export function numbered(path: string, number: number): string {
  if (number === 1) return path;
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${number}${ext}`);
}

/** Moves the part file to `path`; false when the name belongs to another file. */
async function claim(
  partPath: string,
  path: string,
  hardLink: (from: string, to: string) => Promise<void>,
): Promise<boolean> {
  try {
    await hardLink(partPath, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (NO_LINKS.has(code)) return await claimByReservation(partPath, path);
    if (code !== 'EEXIST') throw error;
    if (!(await areOneFile(partPath, path))) return false;
  }
  await unlink(partPath);
  return true;
}

/** `wx` decides who owns the name; the rename then replaces only our own empty file. */
async function claimByReservation(partPath: string, path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    await rename(partPath, path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return true;
}

async function areOneFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(one), lstat(other)]);
  return a.dev === b.dev && a.ino === b.ino && a.ino !== 0;
}
