import { constants } from 'node:fs';
import { copyFile, mkdir, open, rm } from 'node:fs/promises';
import { dirname, extname } from 'node:path';

import type { OutputRecord } from '../core/job.ts';
import { hashFile } from '../files/hashFile.ts';
import { fileLength } from '../files/partFile.ts';
import { publishFile } from '../files/publishFile.ts';
import type { Delivery, Ledger } from '../ledger/ledger.ts';
import { fileHash } from './identify.ts';

/** Whether a file holds exactly the bytes that were recorded. */
async function holdsOutput(path: string, output: OutputRecord, ledger: Ledger): Promise<boolean> {
  if ((await fileLength(path)) !== output.sizeBytes) return false;
  return (await fileHash(path, ledger)) === output.sha256;
}

/**
 * Puts a checked part file in its place, never over another file, and whole or not at all. Also
 * finishes what an earlier process began: then the part may be gone and the output in place.
 *
 * @returns where the output is; `undefined` when neither part nor output are there any more
 */
export async function publishOutput(
  partPath: string,
  wantedPath: string,
  output: OutputRecord,
  ledger: Ledger,
): Promise<string | undefined> {
  const published = await findPublished(wantedPath, output, ledger);
  if (published !== undefined) {
    await rm(partPath, { force: true });
    return published;
  }
  if ((await hashFile(partPath).catch(() => undefined)) !== output.sha256) return undefined;
  return publishFile(partPath, wantedPath);
}

/** A second name for work that is paid already gets a copy of the first one's bytes. */
export async function copyOutput(
  deliveries: readonly Delivery[],
  partPath: string,
  wantedPath: string,
  output: OutputRecord,
  ledger: Ledger,
): Promise<string | undefined> {
  for (const delivery of deliveries) {
    if (!(await holdsOutput(delivery.path, output, ledger))) continue;
    if (delivery.path === wantedPath) return wantedPath;
    await mkdir(dirname(partPath), { recursive: true });
    // Shares the blocks where the file system can; the copies stay independent files.
    await copyFile(delivery.path, partPath, constants.COPYFILE_FICLONE);
    const part = await open(partPath, 'r+');
    await part.sync().finally(() => part.close());
    return publishOutput(partPath, wantedPath, output, ledger);
  }
  return undefined;
}

/** Looks where `publishFile` may have put it: the wanted name, then `name-2`, `name-3`… */
async function findPublished(
  wantedPath: string,
  output: OutputRecord,
  ledger: Ledger,
): Promise<string | undefined> {
  const extension = extname(wantedPath);
  const stem = wantedPath.slice(0, wantedPath.length - extension.length);
  for (let number = 1; ; number += 1) {
    const path = number === 1 ? wantedPath : `${stem}-${number}${extension}`;
    if ((await fileLength(path)) === undefined) return undefined;
    if (await holdsOutput(path, output, ledger)) return path;
  }
}
