import type { JobView } from '../core/jobView.ts';
import type { Api } from './api.ts';
import { ApiError } from './apiError.ts';

/** One page, which is thought to be newest first; how many a page may hold is documented nowhere. */
const PAGE = 50;

/**
 * Looks for a job that a create may have made before its answer was lost: the one that wears all of
 * this metadata. Absence proves nothing, nor does a list that cannot be read or shows no metadata.
 */
export async function findCreated(
  api: Api,
  metadata: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<JobView | undefined> {
  const worn = Object.entries(metadata);
  try {
    const jobs = await api.listJobs({ limit: PAGE, offset: 0 }, signal);
    return jobs.find((job) => worn.every(([name, value]) => job.metadata[name] === value));
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
