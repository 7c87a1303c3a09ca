import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { syncFolder } from './syncFolder.ts';

/**
 * Writes a file so that its name stands for all the bytes or for what it stood for before: temporary
 * file beside it, length check, fsync, rename, fsync of the folder. An existing file is replaced.
 *
 * @param mode permission bits of the new file
 * @throws the file system's error; nothing is left behind then. A failed fsync is never repeated,
 *   because the kernel forgets the lost pages
 */
export async function writeWholeFile(
  path: string,
  data: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const temporary = `${path}.${randomUUID().slice(0, 8)}.part`;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(bytes);
      const { size } = await handle.stat();
      if (size !== bytes.length) {
        throw new Error(`wrote ${size} of ${bytes.length} bytes of ${path}`);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}
