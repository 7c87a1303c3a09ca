import type { Api } from '../api/api.ts';
import type { JobView } from '../core/jobView.ts';

const PAGE = 100;
/** Offset paging shifts when jobs come and go meanwhile: neighbours are read twice. */
const OVERLAP = 10;
/** Beyond this the list holds mostly other people's jobs, and costs more than it saves. */
const MOST_PAGES = 10;

/** What a look at the service's list of running jobs says. */
export interface RunningList {
  readonly seen: ReadonlyMap<string, JobView>;
  /** The list was read to its end: a job that is not in it was not listed. */
  readonly isWhole: boolean;
}

/**
 * Reads the list of running jobs until every wanted one was seen, or to its end. Order and largest
 * page are documented nowhere, so neither is relied upon.
 *
 * @param words under which this service lists running jobs
 * @param largest the longest page ever seen; a shorter one is the last. Kept between calls.
 */
export async function listRunning(
  api: Pick<Api, 'listJobs'>,
  words: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
  largest: { page: number },
  signal: AbortSignal,
): Promise<RunningList> {
  const seen = new Map<string, JobView>();
  let pages = 0;
  for (const status of words) {
    for (let offset = 0; ;) {
      if (pages === MOST_PAGES) return { seen, isWhole: false };
      const page = await api.listJobs({ limit: PAGE, offset, status }, signal);
      pages += 1;
      const before = seen.size;
      for (const job of page) seen.set(job.id, job);
      largest.page = Math.max(largest.page, page.length);
      if ([...wanted].every((id) => seen.has(id))) return { seen, isWhole: true };
      // The server may cap its pages below what was asked for, so a full one is not known by number.
      if (page.length < largest.page || seen.size === before) break;
      offset += page.length - Math.min(OVERLAP, Math.floor(page.length / 4));
    }
  }
  return { seen, isWhole: true };
}
