import { join, relative } from 'node:path';

import type { Outcome, PendingCode } from '../../core/outcome.ts';
import { shellQuote } from '../../core/shellQuote.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { RunBill } from '../../ledger/spend.ts';
import type { RunReport } from '../../report/report.ts';
import type { Context } from '../context.ts';
import { findRun } from '../findRun.ts';
import { billText } from '../report/costText.ts';
import { summaryJson, summaryTable, totalsLine } from '../report/summaryText.ts';
import { writeContactSheet } from '../writeContactSheet.ts';
import type { SessionOptions, SessionView } from './sessionOptions.ts';

/** A run that has ended, with all that is told of it. */
export interface EndedRun {
  readonly runId: string;
  readonly outcomes: readonly Outcome[];
  readonly bill: RunBill;
  readonly elapsedMs: number;
  readonly code: number;
  /** About its spending and the wallet. */
  readonly alarms: readonly string[];
  /** Clips that nothing was begun with. */
  readonly untouched: number;
}

/** Summary, report, contact sheet, and what to do next. */
export async function tellEnd(
  run: EndedRun,
  options: SessionOptions,
  ledger: Ledger,
  context: Context,
  signal: AbortSignal,
  view: SessionView | undefined,
): Promise<void> {
  const { runId, outcomes, bill, elapsedMs, untouched } = run;
  const { terminal, profile } = context;
  if (options.contactSheet !== undefined && !signal.aborted) {
    const done = outcomes.filter((outcome) => outcome.status === 'done');
    await writeContactSheet(options.contactSheet, done, context);
  }
  const ended = await view?.ended(runId, ledger, signal);
  if (options.json === true) {
    if (ended !== undefined) terminal.out(JSON.stringify(ended.json));
    terminal.out(JSON.stringify(summaryJson(runId, outcomes, bill, elapsedMs, run.code)));
  } else {
    const whole = summaryTable(outcomes, elapsedMs, terminal);
    const own = ended && `${ended.table}\n\n${totalsLine(outcomes, elapsedMs)}`;
    terminal.out(`\n${own ?? whole}`);
    if (bill.jobs > 0) terminal.out(billText(bill));
  }
  for (const line of run.alarms) terminal.err(line);
  const isWorth = outcomes.some(({ status }) => status !== 'rejected');
  if (options.report !== false && isWorth && !signal.aborted) {
    const line = await reportRun(runId, ledger, context, signal, ended?.report);
    if (options.quiet !== true || line.startsWith('warning')) terminal.err(line);
  }
  adviseResume(outcomes, profile.kind, terminal);
  const afterword = ended?.afterword;
  if (options.quiet !== true && afterword !== undefined) terminal.err(afterword);
  if (untouched > 0) {
    terminal.err(
      `\nclips left untouched: ${untouched}. To go on with them:\n  rbgv resume ${runId}`,
    );
  }
}

/** A run that is paid never fails for its report. */
export async function reportRun(
  runId: string,
  ledger: Ledger,
  context: Context,
  signal: AbortSignal,
  described?: RunReport,
): Promise<string> {
  try {
    const { writeReport } = await import('../writeReport.ts');
    const run = findRun(ledger, runId);
    const wanted = join(run.outputDir, 'report.html');
    const path = await writeReport(run, wanted, ledger, context, signal, described);
    return `report: ${context.terminal.safe(relative('', path))}`;
  } catch (error) {
    return `warning: there is no report: ${context.terminal.safe((error as Error).message)}`;
  }
}

/** What a person has to do before the same command helps. */
const TO_DO: Readonly<Partial<Record<PendingCode, string>>> = {
  credits: 'Top up the account',
  auth: 'Check the API key with `rbgv config list`',
  disk: 'Make room on the disk',
};

function adviseResume(
  outcomes: readonly Outcome[],
  kind: 'sandbox' | 'remote',
  terminal: Context['terminal'],
): void {
  const pending = outcomes.filter((outcome) => outcome.status === 'pending');
  if (pending.length === 0) return;
  const paid = pending.filter((outcome) => outcome.paid).length;
  if (paid > 0 && kind === 'remote') {
    terminal.err(
      `\njobs that go on at the service, paid already: ${paid}; their outputs wait there`,
    );
  }
  const command = process.argv.slice(2).map(shellQuote).join(' ');
  const first = pending.map(({ code }) => TO_DO[code]).find((advice) => advice !== undefined);
  const next = first === undefined ? 'To go on' : `${first}, then`;
  terminal.err(`\nclips left: ${pending.length}; nothing is lost. ${next}:\n  rbgv ${command}`);
}
