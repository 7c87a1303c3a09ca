import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where a sandbox keeps what it must remember. Absolute paths. */
export interface DataFolder {
  readonly journalPath: string;
  readonly chargesPath: string;
  readonly accountsPath: string;
  readonly lockPath: string;
  /** Path of an uploaded file, or of an image that came inside a request. */
  upload(fileName: string): string;
  output(fileName: string): string;
}

/** Suffix of files that are not whole yet. */
export const PART_SUFFIX = '.part';

/** Lays out the data folder, creating what is missing. */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  const root = resolve(dataDir);
  const uploads = join(root, 'uploads');
  const outputs = join(root, 'outputs');
  await mkdir(uploads, { recursive: true, mode: 0o700 });
  await mkdir(outputs, { recursive: true, mode: 0o700 });
  return {
    journalPath: join(root, 'journal.jsonl'),
    chargesPath: join(root, 'charges.jsonl'),
    accountsPath: join(root, 'accounts.jsonl'),
    lockPath: join(root, 'lock'),
    upload: (fileName) => join(uploads, fileName),
    output: (fileName) => join(outputs, fileName),
  };
}

/**
 * Removes what an earlier process left half done: uploads cut short, and outputs of jobs that never
 * completed, whatever the engine called its temporary files.
 *
 * @param keep names of the outputs that belong to completed jobs
 */
export async function removeLeftovers(
  folder: DataFolder,
  keep: ReadonlySet<string>,
): Promise<void> {
  for (const name of await readdir(folder.upload(''))) {
    if (name.endsWith(PART_SUFFIX)) await rm(folder.upload(name), { force: true });
  }
  for (const name of await readdir(folder.output(''))) {
    if (!keep.has(name)) await rm(folder.output(name), { force: true, recursive: true });
  }
}
