import { join, relative } from 'node:path';

import { adoptJobs } from '../batch/adoptJobs.ts';
import { collectBills } from '../batch/bills.ts';
import { chooseCanaries } from '../batch/canaries.ts';
import { inWorkOrder } from '../batch/inWorkOrder.ts';
import { modelsOf, type Plan, type PlannedClip } from '../batch/plan.ts';
import type { WorkOrder } from '../core/workOrder.ts';
import { formatCredits, sumCredits } from '../core/credits.ts';
import type { Tariff } from '../core/estimate.ts';
import { MODELS } from '../core/model.ts';
import type { Outcome, PendingCode } from '../core/outcome.ts';
import { sameSettings } from '../core/settings.ts';
import { shellQuote } from '../core/shellQuote.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunBill } from '../ledger/spend.ts';
import { runAlarms, type AlarmLimits } from './runAlarms.ts';
import { createAlertDesk } from './alertDesk.ts';
import type { RunReport } from '../report/report.ts';
import { checkBudget, roomUnder } from './checkBudget.ts';
import { walletAt, type WalletState } from '../pricing/wallet.ts';
import { confirm } from './confirm.ts';
import type { Context, Service } from './context.ts';
import { exitCode, exitCodeOfOutcomes } from './exitCodes.ts';
import { findRun } from './findRun.ts';
import { billText, costText } from './report/costText.ts';
import { counted, estimateNotes, estimateTable, rejectedText } from './report/estimateText.ts';
import { planTable } from './report/planText.ts';
import {
  createReporter,
  reportDelays,
  type Reporter,
  type ReportStyle,
} from './report/reporter.ts';
import { summaryJson, summaryTable, totalsLine } from './report/summaryText.ts';
import { fitText, lowText } from './report/walletText.ts';
import { watchSignals } from './signals.ts';
import type { SpendingRules } from './spendingRules.ts';
import { openWebhookHints, type WebhookHints, type WebhookOptions } from './webhookHints.ts';
import { workPlan, type Canary, type Work } from './workPlan.ts';
import { writeContactSheet } from './writeContactSheet.ts';

/** How a run is carried out and shown; what it does is in its plan. */
export interface SessionOptions extends WebhookOptions, ReportStyle, AlarmLimits {
  readonly concurrency?: number;
  /** Which clips are begun first; default `longest`. */
  readonly order?: WorkOrder;
  /** Uploads and downloads together, in bytes a second. */
  readonly bwlimit?: number;
  readonly maxCredits?: number;
  /** Credits in a UTC day, over all runs that share the ledger. */
  readonly maxCreditsDay?: number;
  /** The same for a UTC month. */
  readonly maxCreditsMonth?: number;
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
  /** So many clips first; the others once these were looked at. */
  readonly canary?: number;
  readonly dryRun?: boolean;
  readonly contactSheet?: string;
  /** `false`: no page about the run in its results folder. */
  readonly report?: boolean;
}

/** What a command shows of its run in its own way. */
export interface SessionView {
  /** Instead of the plan's table. */
  planTable(plan: Plan): string;
  /** Looks at what came of the run, once it has ended. */
  ended(runId: string, ledger: Ledger, signal: AbortSignal): Promise<Ended>;
}

interface Ended {
  /** Instead of the table of outcomes. */
  readonly table: string;
  /** A line before the summary's. */
  readonly json: unknown;
  /** What the page about the run is to tell. */
  readonly report: RunReport;
  /** The last that is said. */
  readonly afterword: string | undefined;
}

/**
 * Plan, agreement, work, summary: what `run`, `resume` and `compare` have in common.
 *
 * @param lay makes the plan, once prices and ledger are there
 * @param view default: a table of clips
 */
export async function runSession(
  options: Omit<SessionOptions, 'concurrency'> & { readonly concurrency: number },
  rules: SpendingRules,
  context: Context,
  lay: (tariff: Tariff, ledger: Ledger, signal: AbortSignal) => Promise<Plan>,
  view?: SessionView,
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
    showPlan(plan, options, context, view);
    const wallet = (): WalletState =>
      walletAt(ledger.walletEntries(plan.scope), ledger.spends(plan.scope), clock.now());
    if (options.json !== true) say(fitText(wallet(), plan), context);
    const { caps, alertAt, alertUrl } = rules;
    const { concurrency, order = 'longest', waitCredits = false, fit = false } = options;
    const canaries = canariesOf(plan, options);
    const left = plan.items.filter((item) => !canaries.includes(item));
    const queue = [canaries, left].flatMap((items) => inWorkOrder(items, order));
    checkBudget(plan, queue, caps, roomUnder(caps, ledger.used(plan.scope)), fit);
    if (options.dryRun === true) {
      terminal.err('dry run: nothing was sent');
      return exitCode(plan.rejected.length > 0 ? 'someFailed' : 'ok');
    }
    if (canaries.length > 0 && options.json !== true) {
      const names = canaries.map(({ clip }) => terminal.safe(clip.relativePath)).join(', ');
      terminal.err(`first ${counted(canaries.length, 'clip')}, then the others: ${names}`);
    }
    if (options.yes !== true && plan.items.some((item) => !item.alreadyPaid)) {
      const items = canaries.length > 0 ? canaries : plan.items;
      if (!(await confirm(question(items, profile.kind), terminal, signal))) {
        terminal.err('nothing was sent');
        return exitCode('ok');
      }
    }
    reporter = createReporter(options, plan, context);
    relay.to = reporter.report;
    const begun = clock.monotonic();
    const begunAt = clock.now();
    working = true;
    const desk = createAlertDesk(alertUrl, reporter.report, context);
    const { report } = desk;
    const jobTimeoutMs = (options.timeout ?? 360) * 60_000;
    const { onHint } = hints ?? {};
    const limits = { waitCredits, concurrency, order, jobTimeoutMs, caps, alertAt, onHint };
    const work = { service, ledger, report, signal, ...limits };
    const isLiked = async (id: string, first: readonly Outcome[]): Promise<boolean> => {
      await desk.settle();
      reporter?.stop();
      if (signal.aborted) return false;
      if (options.json !== true) terminal.err(`\n${summaryTable(first, 0, terminal)}`);
      const looked = await readBills(id, plan.scope, work);
      if (looked.jobs > 0) say(billText(looked), context);
      if (options.yes === true) return first.every(({ status }) => status === 'done');
      if (options.report !== false) say(await reportRun(id, ledger, context, signal), context);
      return confirm(question(left, profile.kind), terminal, signal).catch((error: unknown) => {
        if (signal.aborted) return false;
        throw error;
      });
    };
    const canary: Canary = {
      items: canaries,
      async goOn(id, first) {
        const goesOn = await isLiked(id, first);
        if (goesOn) reporter?.goOn();
        return goesOn;
      },
    };
    const { runId, outcomes, untouched } = await workPlan(
      plan,
      work,
      context,
      canaries.length > 0 ? canary : undefined,
    );
    await desk.settle();
    const bill = await readBills(runId, plan.scope, work);
    reporter.stop();
    const alarms = runAlarms(options, bill, begunAt, plan.scope, ledger);
    const worked = interruption.exitCode() ?? exitCodeOfOutcomes(outcomes);
    const code = worked === exitCode('ok') && alarms.fails ? exitCode('check') : worked;
    ledger.finishRun(runId, code);
    if (options.contactSheet !== undefined && !signal.aborted) {
      const done = outcomes.filter((outcome) => outcome.status === 'done');
      await writeContactSheet(options.contactSheet, done, context);
    }
    const elapsedMs = clock.monotonic() - begun;
    const ended = await view?.ended(runId, ledger, signal);
    if (options.json === true) {
      if (ended !== undefined) terminal.out(JSON.stringify(ended.json));
      terminal.out(JSON.stringify(summaryJson(runId, outcomes, bill, elapsedMs, code)));
    } else {
      const whole = summaryTable(outcomes, elapsedMs, terminal);
      const own = ended && `${ended.table}\n\n${totalsLine(outcomes, elapsedMs)}`;
      terminal.out(`\n${own ?? whole}`);
      if (bill.jobs > 0) terminal.out(billText(bill));
    }
    for (const line of alarms.lines) terminal.err(line);
    say(lowText(wallet()), context);
    const isWorth = outcomes.some(({ status }) => status !== 'rejected');
    if (options.report !== false && isWorth && !signal.aborted) {
      const line = await reportRun(runId, ledger, context, signal, ended?.report);
      if (options.quiet !== true || line.startsWith('warning')) terminal.err(line);
    }
    adviseResume(outcomes, profile.kind, terminal);
    if (options.quiet !== true) say(ended?.afterword, context);
    if (untouched > 0) {
      terminal.err(
        `\nclips left untouched: ${untouched}. To go on with them:\n  rbgv resume ${runId}`,
      );
    }
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
  const { adopted } = await adoptJobs(service.keys, ledger, profile.scope, signal);
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
  view: SessionView | undefined,
): void {
  if (json === true || quiet === true) return;
  const isMixed = plan.items.some(({ settings }) => !sameSettings(settings, plan.settings));
  const models = isMixed ? [] : MODELS;
  const estimates = plan.items.map((item) => item.estimate);
  const own = isMixed ? planTable(plan, terminal) : undefined;
  terminal.err(
    view?.planTable(plan) ?? own ?? estimateTable({ estimates }, models, verbose, terminal),
  );
  terminal.err('');
  terminal.err(estimateNotes(plan.tariff, profile.label, models, verbose));
  const rejected = rejectedText(plan, terminal);
  if (rejected !== '') terminal.err(`\n${rejected}`);
  const paid = plan.items.filter((item) => item.alreadyPaid).length;
  if (paid > 0) terminal.err(`\n${paid} of ${plan.items.length} clips are paid already`);
  terminal.err(`\n${costText(plan)}`);
  terminal.err('');
}

/** None when they would be all there is to pay for. */
function canariesOf(plan: Plan, { canary }: SessionOptions): readonly PlannedClip[] {
  const unpaid = plan.items.filter((item) => !item.alreadyPaid).length;
  return canary === undefined || canary >= unpaid ? [] : chooseCanaries(plan.items, canary);
}

function question(items: readonly PlannedClip[], kind: 'sandbox' | 'remote'): string {
  const unpaid = items.filter((item) => !item.alreadyPaid);
  const count = new Set(unpaid.map(({ clip }) => clip.path)).size;
  const cost = sumCredits(unpaid.map((item) => item.credits));
  const worstCase = sumCredits(unpaid.map((item) => item.worstCase));
  const clips = counted(count, 'clip');
  const models = modelsOf({ items }).map((model) => `\`${model}\``);
  const unit = kind === 'sandbox' ? 'sandbox credits (not real ones)' : 'credits';
  const atWorst = worstCase > cost ? `, at worst ${formatCredits(worstCase)},` : '';
  return `Spend ${formatCredits(cost)} ${unit}${atWorst} on ${clips} with ${models.join(' and ')}?`;
}

/** A run that is paid never fails for its report. */
async function reportRun(
  runId: string,
  ledger: Ledger,
  context: Context,
  signal: AbortSignal,
  described?: RunReport,
): Promise<string> {
  try {
    const { writeReport } = await import('./writeReport.ts');
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
