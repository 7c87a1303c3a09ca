/**
 * What a run ends with when it cannot go on. The exit code of each category is the CLI's affair
 * (`cli/exitCodes.ts`); callers branch on `category` or `code`, never on message text.
 */
export type ErrorCategory =
  | 'usage'
  | 'auth'
  | 'credits'
  | 'unavailable'
  | 'ledger'
  | 'pending'
  | 'check'
  | 'interrupted'
  | 'internal';

export class RbgvError extends Error {
  override readonly name = 'RbgvError';
  readonly category: ErrorCategory;
  /** Stable, lower snake case; safe to match on in scripts. */
  readonly code: string;
  /** What the person can do next. */
  readonly hint: string | undefined;
  /** One line each, when much is wrong at once. */
  readonly details: readonly string[];

  constructor(
    category: ErrorCategory,
    code: string,
    message: string,
    options: {
      readonly hint?: string;
      readonly details?: readonly string[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.category = category;
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? [];
  }
}
