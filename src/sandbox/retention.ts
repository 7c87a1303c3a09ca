import { readdir, rm, stat } from 'node:fs/promises';

import type { Clock } from '../core/clock.ts';
import type { DataFolder } from './disk/dataFolder.ts';
import { outputName, type Job } from './jobs/job.ts';
import type { JobStore } from './jobs/jobStore.ts';

const HOUR_MS = 3_600_000;

/** What a sandbox that runs for long lets go of. Charges and accounts are kept for ever. */
export interface Retention {
  /** A draft by its creation, an ended job by its end; a started one never. */
  isTooOld(job: Job): boolean;
  /** Removes jobs, outputs and uploads that are too old and that no other job needs. */
  sweep(store: JobStore, folder: DataFolder): Promise<void>;
  /** Sweeps now and once an hour, until aborted. */
  keep(store: JobStore, folder: DataFolder, closing: AbortSignal): Promise<void>;
}

/** @param hours `undefined` keeps everything */
export function createRetention(hours: number | undefined, clock: Clock): Retention {
  const limit = (): number => clock.now() - (hours ?? Infinity) * HOUR_MS;

  function isTooOld(job: Job): boolean {
    if (job.state.status === 'processing') return false;
    return Date.parse(job.endedAt ?? job.createdAt) < limit();
  }

  async function sweep(store: JobStore, folder: DataFolder): Promise<void> {
    const jobs = Array.from(store.all());
    const old = jobs.filter(isTooOld);
    store.forget(new Set(old.map(({ id }) => id)));
    for (const job of old) await rm(folder.output(outputName(job)), { force: true });

    const needed = new Set(Array.from(store.all()).flatMap(filesOf));
    for (const name of await readdir(folder.upload(''))) {
      if (needed.has(name)) continue;
      // An upload under way is renamed at its end.
      const found = await stat(folder.upload(name)).catch(() => undefined);
      if (found !== undefined && found.mtimeMs < limit())
        await rm(folder.upload(name), { force: true });
    }
  }

  return {
    isTooOld,
    sweep,
    async keep(store, folder, closing) {
      while (hours !== undefined && !closing.aborted) {
        await sweep(store, folder);
        await clock.sleep(HOUR_MS, closing);
      }
    },
  };
}

/** Uploads that a job needs, or would need if it were started again. */
function filesOf(job: Job): readonly string[] {
  const { background } = job.order;
  return background.type === 'image'
    ? [job.source.fileName, background.fileName]
    : [job.source.fileName];
}
