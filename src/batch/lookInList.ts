import type { Api } from '../api/api.ts';
import { hasEnded, type JobView } from '../core/jobView.ts';
import type { ListTrust } from './listTrust.ts';

const PAGE = 100;
/** Offset paging shifts when jobs come and go meanwhile: neighbours are read twice. */
const OVERLAP = 10;
/** Beyond this the list holds mostly other people's jobs, and costs more than it saves. */
const MOST_PAGES = 10;

/** What a look at the service's list of jobs says. */
export interface ListLook {
  /** Jobs at work and jobs that have ended. */
  readonly seen: ReadonlyMap<string, JobView>;
  /** The list was read to its end: a job that is not in it was not listed. */
  readonly isWhole: boolean;
  /** How many pages were read. */
  readonly pages: number;
}

/**
 * Looks for the wanted jobs in the list: on the first page of all jobs, where that is worth a
 * request, and then among the running ones, until every wanted one was seen, or to the end. Order
 * and largest page are documented nowhere, so neither is relied upon.
 *
 * @param trust what is known of this service's list
 * @param largest the longest page ever seen; a shorter one is the last. Kept between calls.
 */
export async function lookInList(
  api: Pick<Api, 'listJobs'>,
  trust: Pick<ListTrust, 'words' | 'isWide'>,
  wanted: ReadonlySet<string>,
  largest: { page: number },
  signal: AbortSignal,
): Promise<ListLook> {
  const seen = new Map<string, JobView>();
  const says = (job: JobView): boolean => hasEnded(job) || trust.words.has(job.status ?? '');
  let pages = 0;
  for (const filter of [...(trust.isWide() ? [{}] : []), ...filtersBy(trust.words)]) {
    const isFiltered = 'status' in filter;
    const read = new Set<string>();
    for (let offset = 0; ;) {
      if (pages === MOST_PAGES) return { seen, isWhole: false, pages };
      const page = await api.listJobs({ limit: PAGE, offset, ...filter }, signal);
      pages += 1;
      const before = read.size;
      for (const { id } of page) read.add(id);
      // Among all jobs are drafts too, and those that the list shows as they were before.
      for (const job of page) if (isFiltered || says(job)) seen.set(job.id, job);
      largest.page = Math.max(largest.page, page.length);
      if ([...wanted].every((id) => seen.has(id))) return { seen, isWhole: true, pages };
      // The server may cap its pages below what was asked for, so a full one is not known by number.
      if (!isFiltered || page.length < largest.page || read.size === before) break;
      offset += page.length - Math.min(OVERLAP, Math.floor(page.length / 4));
    }
  }
  return { seen, isWhole: true, pages };
}

function filtersBy(words: ReadonlySet<string>): readonly { readonly status: string }[] {
  return [...words].map((status) => ({ status }));
}
