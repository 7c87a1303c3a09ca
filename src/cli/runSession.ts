import { join, relative } from 'node:path';

import { adoptJobs } from '../batch/adoptJobs.ts';
import { collectBills } from '../batch/bills.ts';
import type { Plan } from '../batch/plan.ts';
import type { WorkOrder } from '../core/workOrder.ts';
import { formatCredits } from '../core/credits.ts';
import type { Tariff } from '../core/estimate.ts';
import { MODELS } from '../core/model.ts';
import type { Outcome, PendingCode } from '../core/outcome.ts';
import { shellQuote } from '../core/shellQuote.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunBill } from '../ledger/spend.ts';
import { createAlertDesk } from './alertDesk.ts';
import { checkBudget, roomUnder } from './checkBudget.ts';
import { walletAt, type WalletState } from '../pricing/wallet.ts';
import { confirm } from './confirm.ts';
import type { Context, Service } from './context.ts';
import { exitCode, exitCodeOfOutcomes } from './exitCodes.ts';
import { findRun } from './findRun.ts';
import { billText, costText } from './report/costText.ts';
import { counted, estimateNotes, estimateTable, rejectedText } from './report/estimateText.ts';
import {
  createReporter,
  reportDelays,
  type Reporter,
  type ReportStyle,
} from './report/reporter.ts';
import { summaryJson, summaryTable } from './report/summaryText.ts';
import { fitText, lowText } from './report/walletText.ts';
import { watchSignals } from './signals.ts';
import type { SpendingRules } from './spendingRules.ts';
import { openWebhookHints, type WebhookHints, type WebhookOptions } from './webhookHints.ts';
import { workPlan, type Work } from './workPlan.ts';
import { writeContactSheet } from './writeContactSheet.ts';

/** How a run is carried out and shown; what it does is in its plan. */
export interface SessionOptions extends WebhookOptions, ReportStyle {
  readonly concurrency?: number;
  /** Which clips are begun first; default `longest`. */
  readonly order?: WorkOrder;
  /** Uploads and downloads together, in bytes a second. */
  readonly bwlimit?: number;
  readonly maxCredits?: number;
  /** Too dear at worst: start what fits. */
  readonly fit?: boolean;
  readonly alertAt?: readonly number[];
  readonly alertUrl?: string;
  /** Minutes that one job is waited for. */
  readonly timeout?: number;
  readonly yes?: boolean;
  /** Out of credits: wait for a top-up. */
  readonly waitCredits?: boolean;
  /** Pay again for clips whose job failed. */
  readonly repay?: boolean;
  readonly dryRun?: boolean;
  readonly contactSheet?: string;
  /** `false`: no page about the run in its results folder. */
  readonly report?: boolean;
}

/**
 * Plan, agreement, work, summary: what `run` and `resume` have in common.
 *
 * @param lay makes the plan, once prices and ledger are there
 */
export async function runSession(
  options: Omit<SessionOptions, 'concurrency'> & { readonly concurrency: number },
  rules: SpendingRules,
  context: Context,
  lay: (tariff: Tariff, ledger: Ledger, signal: AbortSignal) => Promise<Plan>,
): Promise<number> {
  const { terminal, profile, clock } = context;
  if (profile.kind === 'sandbox') {
    terminal.err('local sandbox: nothing leaves this machine, no real credits are spent');
  }
  const relay = { to: reportDelays(options, terminal) };
  const interruption = watchSignals(() => {
    terminal.err('stopping: waiting only for starts on the wire; once more to leave at once');
  });
  const { signal } = interruption;
  let service: Service | undefined;
  let hints: WebhookHints | undefined;
  let reporter: Reporter | undefined;
  let working = false;
  try {
    const { dryRun: idle = false, bwlimit } = options;
    if (!idle) hints = await openWebhookHints(options, context);
    const webhookUrl = hints?.url;
    const how = { idle, bwlimit, webhookUrl };
    service = await context.openService((event) => relay.to(event), how);
    const tariff = await context.tariff(service, signal);
    const ledger = await context.ledger();
    await adoptIntoEmpty(ledger, service, context, signal);
    const plan = await lay(tariff, ledger, signal);
    signal.throwIfAborted();
    showPlan(plan, options, context);
    const wallet = (): WalletState =>
      walletAt(ledger.walletEntries(plan.scope), ledger.spends(plan.scope), clock.now());
    if (options.json !== true) say(fitText(wallet(), plan.cost), context);
    const { caps, alertAt, alertUrl } = rules;
    checkBudget(plan, caps, roomUnder(caps, ledger.used(plan.scope)), options.fit ?? false);
    if (options.dryRun === true) {
      terminal.err('dry run: nothing was sent');
      return exitCode(plan.rejected.length > 0 ? 'someFailed' : 'ok');
    }
    if (options.yes !== true && plan.items.some((item) => !item.alreadyPaid)) {
      if (!(await confirm(question(plan, profile.kind), terminal, signal))) {
        terminal.err('nothing was sent');
        return exitCode('ok');
      }
    }
    reporter = createReporter(options, plan, context);
    relay.to = reporter.report;
    const begun = clock.monotonic();
    working = true;
    const desk = createAlertDesk(alertUrl, reporter.report, context);
    const { report } = desk;
    const jobTimeoutMs = (options.timeout ?? 360) * 60_000;
    const { concurrency, order = 'longest', waitCredits = false } = options;
    const { onHint } = hints ?? {};
    const limits = { waitCredits, concurrency, order, jobTimeoutMs, caps, alertAt, onHint };
    const work = { service, ledger, report, signal, ...limits };
    const { runId, outcomes } = await workPlan(plan, work, context);
    await desk.settle();
    const bill = await readBills(runId, plan.scope, work);
    reporter.stop();
    const code = interruption.exitCode() ?? exitCodeOfOutcomes(outcomes);
    ledger.finishRun(runId, code);
    if (options.contactSheet !== undefined && !signal.aborted) {
      const done = outcomes.filter((outcome) => outcome.status === 'done');
      await writeContactSheet(options.contactSheet, done, plan.settings.format, context);
    }
    const elapsedMs = clock.monotonic() - begun;
    if (options.json === true) {
      terminal.out(JSON.stringify(summaryJson(runId, outcomes, bill, elapsedMs, code)));
    } else {
      terminal.out(`\n${summaryTable(outcomes, elapsedMs, terminal)}`);
      if (bill.jobs > 0) terminal.out(billText(bill));
    }
    say(lowText(wallet()), context);
    const isWorth = outcomes.some(({ status }) => status !== 'rejected');
    if (options.report !== false && isWorth && !signal.aborted) {
      const line = await reportRun(runId, ledger, context, signal);
      if (options.quiet !== true || line.startsWith('warning')) terminal.err(line);
    }
    adviseResume(outcomes, profile.kind, terminal);
    ledger.close();
    return code;
  } catch (error) {
    const code = interruption.exitCode();
    if (code === undefined || working) throw error;
    terminal.err('interrupted: nothing was sent');
    return code;
  } finally {
    reporter?.stop();
    interruption.dispose();
    await hints?.close();
    await service?.close();
  }
}

/**
 * A ledger that knows nothing of this account may be a lost one: before anything is paid, the
 * service is asked what was paid before. One request for a user who really is new.
 */
export async function adoptIntoEmpty(
  ledger: Ledger,
  service: Service,
  { terminal, profile }: Context,
  signal: AbortSignal,
): Promise<void> {
  if (!ledger.isEmpty(profile.scope)) return;
  const { adopted } = await adoptJobs(service.api, ledger, profile.scope, signal);
  if (adopted > 0) {
    terminal.err(`paid jobs found at the service that this ledger did not know: ${adopted}`);
  }
}

/** What the run's starts came to; bills that cannot be had now are left for another day. */
export async function readBills(runId: string, scope: string, work: Work): Promise<RunBill> {
  const { ledger, service, signal } = work;
  if (ledger.runBill(runId).jobs > 0 && !signal.aborted) {
    await collectBills(service.apiOnce, ledger, scope, signal).catch(() => 0);
  }
  return ledger.runBill(runId);
}

function say(text: string | undefined, { terminal }: Context): void {
  if (text !== undefined) terminal.err(text);
}

function showPlan(
  plan: Plan,
  { json, quiet, verbose = false }: SessionOptions,
  { terminal, profile }: Context,
): void {
  if (json === true || quiet === true) return;
  const estimates = plan.items.map((item) => item.estimate);
  terminal.err(estimateTable({ estimates }, MODELS, verbose, terminal));
  terminal.err('');
  terminal.err(estimateNotes(plan.tariff, profile.label, MODELS, verbose));
  const rejected = rejectedText(plan, terminal);
  if (rejected !== '') terminal.err(`\n${rejected}`);
  const paid = plan.items.filter((item) => item.alreadyPaid).length;
  if (paid > 0) terminal.err(`\n${paid} of ${plan.items.length} clips are paid already`);
  terminal.err(`\n${costText(plan)}`);
  terminal.err('');
}

function question(plan: Plan, kind: 'sandbox' | 'remote'): string {
  const count = plan.items.filter((item) => !item.alreadyPaid).length;
  const clips = counted(count, 'clip');
  const unit = kind === 'sandbox' ? 'sandbox credits (not real ones)' : 'credits';
  const atWorst = plan.worstCase > plan.cost ? `, at worst ${formatCredits(plan.worstCase)},` : '';
  return `Spend ${formatCredits(plan.cost)} ${unit}${atWorst} on ${clips} with \`${plan.settings.model}\`?`;
}

/** A run that is paid never fails for its report. */
async function reportRun(
  runId: string,
  ledger: Ledger,
  context: Context,
  signal: AbortSignal,
): Promise<string> {
  try {
    const { writeReport } = await import('./writeReport.ts');
    const run = findRun(ledger, runId);
    const wanted = join(run.outputDir, 'report.html');
    const path = await writeReport(run, wanted, ledger, context, signal);
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
