import type { Clock } from '../core/clock.ts';
import { RbgvError } from '../core/errors.ts';
import { openAccountBook, type AccountBook } from './accounts/accountBook.ts';
import { openDataFolder, removeLeftovers, type DataFolder } from './disk/dataFolder.ts';
import { outputName, type Job } from './jobs/job.ts';
import { openJobStore, type JobStore } from './jobs/jobStore.ts';

/** What a sandbox remembers, opened and claimed for this process. */
export interface State {
  readonly folder: DataFolder;
  readonly store: JobStore;
  readonly book: AccountBook;
  /** Waits for writes under way, then lets other processes have the folder. */
  close(): Promise<void>;
}

/**
 * Takes a lock that the kernel lets go of when its process ends, however it ends.
 *
 * @returns `undefined` when another process holds it
 */
export type TakeLock = (path: string) => { release(): void } | undefined;

/**
 * Claims a data folder, plays its journals back and clears away what a crash left half done.
 *
 * @throws RbgvError `sandbox_in_use`, `sandbox_data_damaged`
 */
export async function openState(options: {
  readonly dataDir: string;
  readonly keys: readonly string[];
  readonly clock: Clock;
  readonly takeLock: TakeLock | undefined;
  readonly isTooOld: (job: Job) => boolean;
}): Promise<State> {
  const folder = await openDataFolder(options.dataDir);
  const lock = options.takeLock?.(folder.lockPath);
  if (options.takeLock !== undefined && lock === undefined) {
    const message = `\`${folder.lockPath}\` is held by another sandbox`;
    throw new RbgvError('ledger', 'sandbox_in_use', message, {
      hint: 'wait until it ends, or give this one another data folder',
    });
  }
  try {
    const store = await openJobStore(folder, options.isTooOld);
    const book = await openAccountBook(folder.accountsPath, options.keys, options.clock);
    const completed = Array.from(store.all()).filter((job) => job.state.status === 'completed');
    await removeLeftovers(folder, new Set(completed.map(outputName)));
    return {
      folder,
      store,
      book,
      async close() {
        await store.close();
        await book.close();
        lock?.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}
