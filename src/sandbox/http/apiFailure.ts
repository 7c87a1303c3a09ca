import { randomBytes } from 'node:crypto';

/** Ends a request with the service's error envelope. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A request whose content cannot be served: 400 `invalid_request`. */
export function invalidRequest(message: string): ApiFailure {
  return new ApiFailure(400, 'invalid_request', message);
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

/** An answer with the error envelope (vendor page: errors) and a fresh `request_id`. */
export function errorResponse(
  failure: { readonly status: number; readonly code: string; readonly message: string },
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { status, code, message } = failure;
  const request_id = `req_${randomBytes(6).toString('hex')}`;
  return Response.json({ error: { code, message, request_id } }, { status, headers });
}
