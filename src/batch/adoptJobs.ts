import type { Api } from '../api/api.ts';
import { ApiError } from '../api/apiError.ts';
import type { KeyRing } from '../api/keyRing.ts';
import { startEvidence } from '../core/evidence.ts';
import type { JobView } from '../core/jobView.ts';
import type { Ledger } from '../ledger/ledger.ts';

const PAGE = 100;
/** Offset paging shifts when jobs are created meanwhile: neighbours are read twice. */
const OVERLAP = 10;
const MOST_JOBS = 20_000;
const KEY = /^[a-z2-7]{26}$/;

export interface Adoption {
  /** Jobs that the service listed. */
  readonly listed: number;
  /** Of those, how many name the piece of work that they were made for. */
  readonly ours: number;
  /** Of those, how many the ledger did not know and knows now. */
  readonly adopted: number;
  /** Former keys that the service takes no longer: their jobs cannot be seen. */
  readonly refusedKeys: number;
}

/**
 * Rebuilds what a lost ledger knew from the service's own list: each job that rbgv created carries
 * the name of its work in its metadata, which depends on bytes and settings alone. Running the same
 * clips again then finds them paid. Absence from the list proves nothing and changes nothing. Each key
 * sees its own jobs alone (vendor page: list jobs), so every key at hand is asked with.
 *
 * @throws ApiError when the service does not answer, or refuses the current key
 */
export async function adoptJobs(
  keys: Pick<KeyRing, 'current' | 'former'>,
  ledger: Ledger,
  scope: string,
  signal: AbortSignal,
): Promise<Adoption> {
  const found = await adoptJobsOf(keys.current.api, ledger, scope, signal);
  const total = { ...found, refusedKeys: 0 };
  for (const { api } of keys.former) {
    try {
      const more = await adoptJobsOf(api, ledger, scope, signal);
      total.listed += more.listed;
      total.ours += more.ours;
      total.adopted += more.adopted;
    } catch (error) {
      if (!(error instanceof ApiError) || error.category !== 'auth') throw error;
      total.refusedKeys += 1;
    }
  }
  return total;
}

async function adoptJobsOf(
  api: Api,
  ledger: Ledger,
  scope: string,
  signal: AbortSignal,
): Promise<Omit<Adoption, 'refusedKeys'>> {
  const jobs = await listAll(api, signal);
  const draftWord = ledger.fact(scope, 'draft_word');
  const isStarted = (job: JobView): boolean => startEvidence(job, draftWord) === 'started';
  let ours = 0;
  let adopted = 0;
  for (const job of jobs) {
    const key = job.metadata['rbgv_k'];
    if (key === undefined || !KEY.test(key)) continue;
    ours += 1;
    // A draft that was never started cost nothing: the work may as well begin anew.
    if (ledger.job(key) !== undefined || !isStarted(job)) continue;
    ledger.adopt({ key, scope, jobId: job.id, keyFingerprint: api.keyFingerprint });
    adopted += 1;
  }
  return { listed: jobs.length, ours, adopted };
}

/** Every job that the key can see, page by page; at most 20,000. */
export async function listAll(api: Api, signal: AbortSignal): Promise<readonly JobView[]> {
  const found = new Map<string, JobView>();
  for (let offset = 0; offset < MOST_JOBS;) {
    const page = await api.listJobs({ limit: PAGE, offset }, signal);
    const before = found.size;
    for (const job of page) found.set(job.id, job);
    if (found.size === before) break;
    // The server may cap its pages below what was asked for.
    offset += Math.max(1, page.length - OVERLAP);
  }
  return [...found.values()];
}
