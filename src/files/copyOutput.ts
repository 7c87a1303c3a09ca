import { constants } from 'node:fs';
import { copyFile, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { framesIn } from './outputStamp.ts';
import { syncFolder } from './syncFolder.ts';

/**
 * Copies a file, or a folder of frames, to a part path whose remains of an earlier attempt are
 * replaced; durable when it returns. Shares the blocks where the file system can: the copies stay
 * independent files.
 *
 * @throws the file system's error
 */
export async function copyToPart(from: string, partPath: string): Promise<void> {
  await rm(partPath, { recursive: true, force: true });
  if (!(await stat(from)).isDirectory()) {
    await mkdir(dirname(partPath), { recursive: true });
    await copySynced(from, partPath);
    return;
  }
  await mkdir(partPath, { recursive: true });
  for (const name of await framesIn(from)) await copySynced(join(from, name), join(partPath, name));
  await syncFolder(partPath);
}

async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const copy = await open(to, 'r+');
  await copy.sync().finally(() => copy.close());
}
