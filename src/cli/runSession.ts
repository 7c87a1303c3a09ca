import { join, relative } from 'node:path';

import { adoptJobs } from '../batch/adoptJobs.ts';
import type { Plan } from '../batch/plan.ts';
import type { WorkOrder } from '../core/workOrder.ts';
import { credits, formatCredits, toNumber } from '../core/credits.ts';
import { RbgvError } from '../core/errors.ts';
import type { Tariff } from '../core/estimate.ts';
import type { BatchEvent } from '../core/events.ts';
import { MODELS } from '../core/model.ts';
import type { Outcome } from '../core/outcome.ts';
import { shellQuote } from '../core/shellQuote.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { walletAt, type WalletState } from '../pricing/wallet.ts';
import { confirm } from './confirm.ts';
import type { Context, Service } from './context.ts';
import { exitCode, exitCodeOfOutcomes } from './exitCodes.ts';
import { findRun } from './findRun.ts';
import { estimateNotes, estimateTable, rejectedText } from './report/estimateText.ts';
import {
  createJsonReporter,
  createQuietReporter,
  createTextReporter,
  type Reporter,
} from './report/reporter.ts';
import { summaryJson, summaryTable } from './report/summaryText.ts';
import { fitText, lowText } from './report/walletText.ts';
import { watchSignals } from './signals.ts';
import { openWebhookHints, type WebhookHints, type WebhookOptions } from './webhookHints.ts';
import { workPlan } from './workPlan.ts';
import { writeContactSheet } from './writeContactSheet.ts';

/** How a run is carried out and shown; what it does is in its plan. */
export interface SessionOptions extends WebhookOptions {
  readonly concurrency?: number;
  /** Which clips are begun first; default `longest`. */
  readonly order?: WorkOrder;
  /** Uploads and downloads together, in bytes a second. */
  readonly bwlimit?: number;
  readonly maxCredits?: number | undefined;
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
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/**
 * Plan, agreement, work, summary: what `run` and `resume` have in common.
 *
 * @param lay makes the plan, once prices and ledger are there
 */
export async function runSession(
  options: SessionOptions & { readonly concurrency: number },
  context: Context,
  lay: (tariff: Tariff, ledger: Ledger, signal: AbortSignal) => Promise<Plan>,
): Promise<number> {
  const { terminal, profile, clock } = context;
  if (profile.kind === 'sandbox') {
    terminal.err('local sandbox: nothing leaves this machine, no real credits are spent');
  }
  const relay: { to: (event: BatchEvent) => void } = { to: () => undefined };
  const interruption = watchSignals(() => {
    terminal.err('stopping: waiting only for starts on the wire; once more to leave at once');
  });
  const { signal } = interruption;
  let service: Service | undefined;
  let hints: WebhookHints | undefined;
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
    checkBudget(plan, options.maxCredits);
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
    const reporter = createReporter(options, plan, context);
    relay.to = reporter.report;
    const begun = clock.monotonic();
    working = true;
    const { report } = reporter;
    const jobTimeoutMs = (options.timeout ?? 360) * 60_000;
    const { concurrency, order = 'longest', waitCredits = false } = options;
    const { onHint } = hints ?? {};
    const rest = { waitCredits, concurrency, order, jobTimeoutMs, onHint };
    const work = { service, ledger, report, signal, ...rest };
    const { runId, outcomes } = await workPlan(plan, work, context);
    reporter.stop();
    const code = interruption.exitCode() ?? exitCodeOfOutcomes(outcomes);
    ledger.finishRun(runId, code);
    if (options.contactSheet !== undefined && !signal.aborted) {
      const done = outcomes.filter((outcome) => outcome.status === 'done');
      await writeContactSheet(options.contactSheet, done, plan.settings.format, context);
    }
    const elapsedMs = clock.monotonic() - begun;
    if (options.json === true) {
      terminal.out(JSON.stringify(summaryJson(runId, outcomes, elapsedMs, code)));
    } else {
      terminal.out(`\n${summaryTable(outcomes, elapsedMs, terminal)}`);
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
    interruption.dispose();
    await hints?.close();
    await service?.close();
  }
}

/**
 * A ledger that knows nothing of this account may be a lost one: before anything is paid, the
 * service is asked what was paid before. One request for a user who really is new.
 */
async function adoptIntoEmpty(
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
  terminal.err('');
}

function question(plan: Plan, kind: 'sandbox' | 'remote'): string {
  const count = plan.items.filter((item) => !item.alreadyPaid).length;
  const clips = count === 1 ? '1 clip' : `${count} clips`;
  const unit = kind === 'sandbox' ? 'sandbox credits (not real ones)' : 'credits';
  return `Spend ${formatCredits(plan.cost)} ${unit} on ${clips} with \`${plan.settings.model}\`?`;
}

function checkBudget(plan: Plan, maxCredits: number | undefined): void {
  if (maxCredits === undefined || plan.cost <= credits(maxCredits)) return;
  const cost = formatCredits(plan.cost);
  throw new RbgvError(
    'credits',
    'over_budget',
    `the plan costs ${cost} credits, the budget is ${maxCredits}`,
    {
      hint: 'nothing was sent; raise --max-credits, choose a cheaper model, or give fewer clips',
    },
  );
}

function createReporter(options: SessionOptions, plan: Plan, { terminal }: Context): Reporter {
  if (options.json === true) {
    terminal.out(
      JSON.stringify({
        type: 'plan',
        version: 1,
        clips: plan.items.length,
        rejected: plan.rejected.length,
        credits: toNumber(plan.cost),
        worst_case_credits: toNumber(plan.worstCase),
      }),
    );
    return createJsonReporter(terminal);
  }
  if (options.quiet === true) return createQuietReporter(terminal);
  const total = plan.items.length + plan.rejected.length;
  return createTextReporter(total, { verbose: options.verbose ?? false }, terminal);
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
  terminal.err(`\nclips left: ${pending.length}; nothing is lost. To go on:\n  rbgv ${command}`);
}
