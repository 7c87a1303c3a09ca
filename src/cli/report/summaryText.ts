import { relative } from 'node:path';

import { formatCredits, sumCredits, toNumber } from '../../core/credits.ts';
import { formatDuration } from '../../core/formatDuration.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { RunBill } from '../../ledger/spend.ts';
import type { Terminal } from '../terminal.ts';
import { cutText } from './fitText.ts';
import { formatTable } from './table.ts';

/** What came of each clip, and the sums. */
export function summaryTable(
  outcomes: readonly Outcome[],
  elapsedMs: number,
  terminal: Terminal,
): string {
  // On a screen names and outputs share what the figures leave.
  const room = Math.max(12, Math.floor((terminal.columns() - 42) / 2));
  const rows = outcomes.map((outcome) => [
    cutText(terminal.safe(outcome.relativePath), room),
    outcome.model,
    outcome.durationSeconds === undefined ? '-' : formatDuration(outcome.durationSeconds),
    formatCredits(outcome.credits),
    formatDuration(outcome.elapsedMs / 1000),
    outcome.status === 'done'
      ? cutText(terminal.safe(shortest(outcome.outputPath)), room)
      : `${outcome.status}: ${outcome.code}`,
  ]);
  const table = formatTable(
    [
      { title: 'clip' },
      { title: 'model' },
      { title: 'length', align: 'right' },
      { title: 'credits', align: 'right' },
      { title: 'time', align: 'right' },
      { title: 'output' },
    ],
    rows,
  );
  return `${table}\n\n${totalsLine(outcomes, elapsedMs)}`;
}

/** Below the working folder the short way, elsewhere the whole path. */
function shortest(path: string): string {
  const short = relative('', path);
  return short.startsWith('..') ? path : short;
}

/** `12 done, 1 failed, 36 credits by rbgv's books, 4.0 s`. */
export function totalsLine(outcomes: readonly Outcome[], elapsedMs: number): string {
  const count = (status: Outcome['status']): number =>
    outcomes.filter((outcome) => outcome.status === status).length;
  const parts = [`${count('done')} done`];
  const reused = outcomes.filter((outcome) => outcome.status === 'done' && outcome.reused).length;
  if (reused > 0) parts.push(`of these ${reused} were there already`);
  for (const status of ['failed', 'rejected', 'pending'] as const) {
    if (count(status) > 0) parts.push(`${count(status)} ${status}`);
  }
  const spent = sumCredits(outcomes.map((outcome) => outcome.credits));
  const lost = sumCredits(
    outcomes.filter(({ status }) => status === 'failed').map((outcome) => outcome.credits),
  );
  const share = lost > 0 ? ` (${formatCredits(lost)} for failed jobs, unless refunded)` : '';
  parts.push(`${formatCredits(spent)} credits by rbgv's books${share}`);
  parts.push(formatDuration(elapsedMs / 1000));
  return parts.join(', ');
}

/** One clip's end as data: in the event of its own, and in the summary. */
export function outcomeJson(outcome: Outcome): unknown {
  return {
    path: outcome.mended?.sourcePath ?? outcome.path,
    relative_path: outcome.relativePath,
    status: outcome.status,
    model: outcome.model,
    duration_seconds: outcome.durationSeconds ?? null,
    credits: toNumber(outcome.credits),
    job_id: outcome.jobId ?? null,
    elapsed_ms: Math.round(outcome.elapsedMs),
    mended:
      outcome.mended === undefined
        ? null
        : {
            copy: outcome.path,
            converted: outcome.mended.converted,
            cut_seconds: outcome.mended.cutUs / 1e6,
          },
    ...(outcome.status === 'done'
      ? { output: outcome.outputPath, reused: outcome.reused }
      : { code: outcome.code, reason: outcome.reason }),
    ...(outcome.status === 'pending' ? { paid: outcome.paid } : {}),
  };
}

/** The last line of `run --json`. */
export function summaryJson(
  runId: string,
  outcomes: readonly Outcome[],
  bill: RunBill,
  elapsedMs: number,
  code: number,
): unknown {
  return {
    type: 'summary',
    version: 1,
    run: runId,
    exit_code: code,
    elapsed_ms: Math.round(elapsedMs),
    credits: toNumber(sumCredits(outcomes.map((outcome) => outcome.credits))),
    billed: {
      jobs: bill.jobs,
      with_a_bill: bill.billedJobs,
      credits: toNumber(bill.billed),
      estimated_credits: toNumber(bill.estimated),
      reserved_credits: toNumber(bill.held),
    },
    clips: outcomes.map(outcomeJson),
  };
}
