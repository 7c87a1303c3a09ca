import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { frameName } from '../core/frames.ts';
import { openFrames } from './zipFrames.ts';

/**
 * Unpacks a zip of PNG files into a folder of its own making: names of our own in the order of the
 * archive's, plain files that nobody can execute, their bytes on the disk when it returns. Nothing
 * stays behind when it throws.
 *
 * @param folder replaced when an earlier attempt left one
 * @returns how many frames there are
 * @throws Error that says what makes the archive dangerous or damaged; the file system's error
 */
export async function extractFrames(zipPath: string, folder: string): Promise<number> {
  await rm(folder, { recursive: true, force: true });
  const archive = await openFrames(zipPath, (await stat(zipPath)).size);
  try {
    await mkdir(folder);
    for (const [index, entry] of archive.frames.entries()) {
      await writeSynced(join(folder, frameName(index + 1)), await archive.read(entry));
    }
    return archive.frames.length;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    archive.close();
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
