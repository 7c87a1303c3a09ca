import { openDataFolder, removeLeftovers, type DataFolder } from './disk/dataFolder.ts';
import { lockDataFolder } from './disk/dataLock.ts';
import { outputName } from './jobs/job.ts';
import { openJobStore, type JobStore } from './jobs/jobStore.ts';

/** What a sandbox remembers, opened and claimed for this process. */
export interface State {
  readonly folder: DataFolder;
  readonly store: JobStore;
  /** Waits for writes under way, then lets other processes have the folder. */
  close(): Promise<void>;
}

/**
 * Claims a data folder, plays its journal back and clears away what a crash left half done.
 *
 * @throws RbgvError `sandbox_in_use`, `sandbox_data_damaged`
 */
export async function openState(dataDir: string): Promise<State> {
  const folder = await openDataFolder(dataDir);
  const unlock = lockDataFolder(folder.lockPath);
  try {
    const store = await openJobStore(folder);
    const completed = Array.from(store.all()).filter((job) => job.state.status === 'completed');
    await removeLeftovers(folder, new Set(completed.map(outputName)));
    return {
      folder,
      store,
      async close() {
        await store.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
