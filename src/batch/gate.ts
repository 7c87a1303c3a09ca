import type { ApiError } from '../api/apiError.ts';
import type { Gate } from './deps.ts';

/** Whether a refusal concerns the whole account, so that no further clip should be tried. */
export function gateFor(error: ApiError): Gate | undefined {
  if (error.isOutOfCredits) return { code: 'credits', reason: 'the account is out of credits' };
  if (error.isAuthFailure) {
    return { code: 'auth', reason: `the service refuses the API key (${error.code})` };
  }
  return undefined;
}

/** A server that starts what was asked for as a draft: each further one would cost unasked. */
export function brokenContract(jobId: string): Gate {
  const reason = `the service started job \`${jobId}\` although a draft was asked for`;
  return { code: 'broken_contract', reason };
}
