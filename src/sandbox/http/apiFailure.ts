import { randomBytes } from 'node:crypto';

import type { Behaviour } from '../behaviour.ts';

interface FailureParts {
  readonly headers?: Readonly<Record<string, string>>;
  /** What a validation found, one entry for each field. */
  readonly details?: readonly unknown[];
}

/** Ends a request with the service's error envelope. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly details: readonly unknown[];

  constructor(status: number, code: string, message: string, parts: FailureParts = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = parts.headers ?? {};
    this.details = parts.details ?? [];
  }
}

/** A request whose content cannot be served: 400 `invalid_request`. */
export function invalidRequest(message: string, details: readonly unknown[] = []): ApiFailure {
  return new ApiFailure(400, 'invalid_request', message, { details });
}

/** The vendor's error codes by status, where its pages name one (pages: errors, authentication). */
const CODES: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  402: 'insufficient_credits',
  404: 'not_found',
  429: 'rate_limited',
};

export function defaultCode(status: number): string {
  return CODES[status] ?? (status >= 500 ? 'internal_error' : 'invalid_request');
}

export function newRequestId(): string {
  return `req_${randomBytes(6).toString('hex')}`;
}

export const REQUEST_ID_HEADER = 'x-request-id';

/** An answer with the error envelope (vendor page: errors) and a fresh `request_id`. */
export function errorResponse(
  failure: ApiFailure,
  behaviour: Pick<Behaviour, 'errorShape' | 'validationDetails' | 'requestIdHeader'>,
): Response {
  const { status, code, message, details } = failure;
  const request_id = newRequestId();
  const error = {
    code,
    message,
    request_id,
    ...(behaviour.validationDetails && details.length > 0 ? { details } : {}),
  };
  return Response.json(behaviour.errorShape === 'envelope' ? { error } : error, {
    status,
    headers: {
      ...failure.headers,
      ...(behaviour.requestIdHeader ? { [REQUEST_ID_HEADER]: request_id } : {}),
    },
  });
}
