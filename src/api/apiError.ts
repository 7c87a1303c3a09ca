import { RbgvError, type ErrorCategory } from '../core/errors.ts';

/**
 * What is known about a request that did not succeed. Decides whether it may be repeated, and for
 * the paid call whether money may have moved.
 *
 * - `not_sent`: it never left (DNS, refused, TLS, aborted before the first byte)
 * - `definite`: the server understood it and said no, in its documented form
 * - `ambiguous`: it may or may not have been carried out
 */
export type RequestOutcome = 'not_sent' | 'definite' | 'ambiguous';

export class ApiError extends RbgvError {
  readonly outcome: RequestOutcome;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** Milliseconds the server asked to wait, 0..86,400,000. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    details: {
      readonly outcome: RequestOutcome;
      readonly status?: number | undefined;
      readonly requestId?: string | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    const { category, hint } = explain(code, details.status);
    super(category, code, message, {
      ...(hint === undefined ? {} : { hint }),
      ...(details.cause === undefined ? {} : { cause: details.cause }),
    });
    this.outcome = details.outcome;
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The account has too few credits; repeating cannot help (vendor page: errors). */
  get isOutOfCredits(): boolean {
    return this.code === 'insufficient_credits' || this.status === 402;
  }

  /** The account has as many jobs at work as it may; the code and its status are documented nowhere. */
  get isTooManyJobs(): boolean {
    return /too_many_\w*jobs|concurren|job_limit|in_flight/.test(this.code);
  }

  get isAuthFailure(): boolean {
    if (this.isTooManyJobs) return false;
    return this.status === 401 || this.status === 403;
  }

  /**
   * Whether the same request may succeed later (vendor pages: rate limits, SDK error handling).
   * Says nothing about whether it may be sent twice.
   */
  get isTransient(): boolean {
    if (this.isOutOfCredits) return false;
    if (this.isTooManyJobs) return true;
    return this.outcome !== 'definite' || this.status === 429 || (this.status ?? 0) >= 500;
  }
}

function explain(
  code: string,
  status: number | undefined,
): { category: ErrorCategory; hint: string | undefined } {
  if (code === 'insufficient_credits' || status === 402) {
    return { category: 'credits', hint: 'top up the account, then run the same command again' };
  }
  if (status === 401 || status === 403) {
    return { category: 'auth', hint: 'check the API key of this profile: rbgv config list' };
  }
  if (status === 404) {
    return {
      category: 'check',
      hint: 'either the id is wrong or the job belongs to another API key',
    };
  }
  if (code === 'tls_failure') {
    return {
      category: 'unavailable',
      hint: 'extra certificates can be given in NODE_EXTRA_CA_CERTS',
    };
  }
  if (code === 'unexpected_redirect') {
    return { category: 'check', hint: 'check the base URL of this profile: rbgv config list' };
  }
  if (status !== undefined && status >= 400 && status < 500 && status !== 429) {
    return { category: 'usage', hint: undefined };
  }
  return { category: 'unavailable', hint: 'the service cannot be reached now; try again later' };
}
