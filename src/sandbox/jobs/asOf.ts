import type { Job } from './job.ts';

/**
 * A job as a replica that lags behind shows it.
 *
 * @param ms milliseconds since the epoch
 * @returns `undefined` when it was not there yet
 */
export function asOf(job: Job, ms: number): Job | undefined {
  if (Date.parse(job.createdAt) > ms) return undefined;
  if (job.startedAt === undefined || Date.parse(job.startedAt) > ms) {
    return { ...job, charges: [], startedAt: undefined, state: { status: 'created' } };
  }
  if (job.endedAt !== undefined && Date.parse(job.endedAt) > ms) {
    return { ...job, endedAt: undefined, state: { status: 'processing' } };
  }
  return job;
}
