import { createHash } from 'node:crypto';

import type { Behaviour } from '../behaviour.ts';
import { outputName, type Job } from '../jobs/job.ts';
import { ApiFailure } from './apiFailure.ts';

/** Where a completed job's output is: on this host or another, for ever or for a while. */
export function outputUrl(job: Job, origin: string, behaviour: Behaviour, nowMs: number): string {
  const name = outputName(job);
  const url = new URL(`/outputs/${name}`, origin);
  if (behaviour.outputHost !== 'same') url.hostname = behaviour.outputHost;
  if (behaviour.outputUrlLifetimeSeconds !== null) {
    const expires = (nowMs / 1_000 + behaviour.outputUrlLifetimeSeconds).toFixed(3);
    url.searchParams.set('Expires', expires);
    url.searchParams.set('Signature', signature(name, expires));
  }
  return url.href;
}

/**
 * Lets a caller have an output whose URL is still good.
 *
 * @throws ApiFailure 403, or what `expiredStatus` says
 */
export function checkOutputUrl(
  name: string,
  query: URLSearchParams,
  behaviour: Behaviour,
  nowMs: number,
): void {
  if (behaviour.outputUrlLifetimeSeconds === null) return;
  const expires = query.get('Expires') ?? '';
  const isSigned = query.get('Signature') === signature(name, expires);
  if (isSigned && nowMs < Number(expires) * 1_000) return;
  throw new ApiFailure(behaviour.expiredStatus, 'url_expired', 'Request has expired');
}

/** No secret goes in: the name, which holds a random job id, is hard enough to guess for a test. */
function signature(name: string, expires: string): string {
  return createHash('sha256').update(`${name} ${expires}`).digest('hex').slice(0, 32);
}
