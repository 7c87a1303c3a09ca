import { rm } from 'node:fs/promises';

import { isFramesPath } from '../core/frames.ts';
import type { OutputRecord } from '../core/job.ts';
import { copyToPart } from '../files/copyOutput.ts';
import { numberedPath } from '../files/numberedPath.ts';
import { hashOutput, stampOutput } from '../files/outputStamp.ts';
import { publishFile } from '../files/publishFile.ts';
import { publishFolder } from '../files/publishFolder.ts';
import type { Delivery, Ledger } from '../ledger/ledger.ts';
import { fileHash } from './identify.ts';

/** Whether a file, or a folder of frames, holds exactly the bytes that were recorded. */
async function holdsOutput(path: string, output: OutputRecord, ledger: Ledger): Promise<boolean> {
  if ((await stampOutput(path))?.sizeBytes !== output.sizeBytes) return false;
  return (await fileHash(path, ledger)) === output.sha256;
}

/**
 * Puts a checked part in its place, never over anything else, and whole or not at all. Also
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
    await rm(partPath, { recursive: true, force: true });
    return published;
  }
  if ((await hashOutput(partPath).catch(() => undefined)) !== output.sha256) return undefined;
  return isFramesPath(wantedPath)
    ? publishFolder(partPath, wantedPath)
    : publishFile(partPath, wantedPath);
}

/**
 * A second name for work that is paid already gets a copy of the first one's bytes, if one of the
 * same kind is whole: frames for frames, a zip for a zip.
 */
export async function copyOutput(
  deliveries: readonly Delivery[],
  partPath: string,
  wantedPath: string,
  ledger: Ledger,
): Promise<Delivery | undefined> {
  for (const delivery of deliveries) {
    if (isFramesPath(delivery.path) !== isFramesPath(wantedPath)) continue;
    if (!(await holdsOutput(delivery.path, delivery, ledger))) continue;
    if (delivery.path === wantedPath) return delivery;
    await copyToPart(delivery.path, partPath);
    const path = await publishOutput(partPath, wantedPath, delivery, ledger);
    return path === undefined ? undefined : { ...delivery, path };
  }
  return undefined;
}

/** Looks where publishing may have put it: the wanted name, then `name-2`, `name-3`… */
async function findPublished(
  wantedPath: string,
  output: OutputRecord,
  ledger: Ledger,
): Promise<string | undefined> {
  for (let number = 1; ; number += 1) {
    const path = numberedPath(wantedPath, number);
    if ((await stampOutput(path)) === undefined) return undefined;
    if (await holdsOutput(path, output, ledger)) return path;
  }
}
