import { RbgvError, type ErrorCategory } from '../core/errors.ts';
import type { Outcome, PendingCode } from '../core/outcome.ts';

/** Every number rbgv can end with, and what it means; printed in each command's help. */
const EXIT_CODES = {
  ok: [0, 'all done, or nothing to do'],
  internal: [1, 'unexpected error: a bug in rbgv'],
  usage: [2, 'wrong usage or configuration'],
  someFailed: [3, 'finished, but some clips failed or were rejected'],
  auth: [4, 'the API key is missing or refused'],
  credits: [5, 'not enough credits, or the plan exceeds the budget'],
  unavailable: [6, 'the service is unavailable after all retries'],
  ledger: [7, 'the ledger or the sandbox is locked, unreadable or newer'],
  pending: [8, 'some jobs are still pending; the same command resumes'],
  check: [9, 'a check failed: smoke test, or the service broke its contract'],
  interrupted: [130, 'interrupted (143 by SIGTERM, 129 by SIGHUP); the same command resumes'],
} as const satisfies Record<string, readonly [number, string]>;

type ExitName = keyof typeof EXIT_CODES;

export function exitCode(name: ExitName): number {
  return EXIT_CODES[name][0];
}

const OF_CATEGORY: Readonly<Record<ErrorCategory, ExitName>> = {
  usage: 'usage',
  auth: 'auth',
  credits: 'credits',
  unavailable: 'unavailable',
  ledger: 'ledger',
  pending: 'pending',
  check: 'check',
  interrupted: 'interrupted',
  internal: 'internal',
};

/** The number for an exception that ended a command. */
export function exitCodeOfError(error: unknown): number {
  return exitCode(error instanceof RbgvError ? OF_CATEGORY[error.category] : 'internal');
}

const OF_PENDING: Readonly<Record<PendingCode, ExitName>> = {
  interrupted: 'interrupted',
  auth: 'auth',
  credits: 'credits',
  unavailable: 'unavailable',
  timeout: 'pending',
  unclear_start: 'pending',
  busy: 'ledger',
  disk: 'pending',
  invisible: 'auth',
  broken_contract: 'check',
};

/** What a person must act on first comes first. */
const PRECEDENCE: readonly ExitName[] = [
  'interrupted',
  'internal',
  'ledger',
  'auth',
  'credits',
  'unavailable',
  'pending',
  'check',
  'someFailed',
];

/** The number for a run that came to its end. */
export function exitCodeOfOutcomes(outcomes: readonly Outcome[]): number {
  const names = new Set<ExitName>(
    outcomes.map((outcome) => {
      if (outcome.status === 'done') return 'ok';
      return outcome.status === 'pending' ? OF_PENDING[outcome.code] : 'someFailed';
    }),
  );
  return exitCode(PRECEDENCE.find((name) => names.has(name)) ?? 'ok');
}

/** The help section that every command shares. */
export function exitStatusHelp(): string {
  const rows = Object.values(EXIT_CODES).map(
    ([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`,
  );
  return `\nExit status:\n${rows.join('\n')}\n`;
}
