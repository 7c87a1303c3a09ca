import { chooseCanaries } from '../../batch/canaries.ts';
import { inWorkOrder } from '../../batch/inWorkOrder.ts';
import { modelsOf, type Plan, type PlannedClip } from '../../batch/plan.ts';
import { formatCredits, sumCredits } from '../../core/credits.ts';
import { MODELS } from '../../core/model.ts';
import { sameSettings } from '../../core/settings.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { checkBudget, roomUnder } from '../checkBudget.ts';
import { confirm } from '../confirm.ts';
import type { Context } from '../context.ts';
import { costText } from '../report/costText.ts';
import { counted, estimateNotes, estimateTable, rejectedText } from '../report/estimateText.ts';
import { planTable } from '../report/planText.ts';
import { fitText } from '../report/walletText.ts';
import { walletNow } from './walletNow.ts';
import type { SessionOptions, SessionView } from './sessionOptions.ts';
import type { SpendingRules } from '../spendingRules.ts';

/** What a person agreed to: which clips come first, alone, and which may follow. */
export interface Agreement {
  /** None: all at once. */
  readonly canaries: readonly PlannedClip[];
  readonly others: readonly PlannedClip[];
}

/**
 * Shows the plan, holds it against the budgets, and asks.
 *
 * @returns why nothing is to be sent, when it is not
 * @throws RbgvError of category `credits` when the plan does not fit into a budget
 */
export async function agreeOn(
  plan: Plan,
  options: SessionOptions,
  { caps }: SpendingRules,
  ledger: Ledger,
  context: Context,
  signal: AbortSignal,
  view: SessionView | undefined,
): Promise<Agreement | 'dry run' | 'declined'> {
  const { terminal } = context;
  const { order = 'longest', fit = false } = options;
  showPlan(plan, options, context, view);
  if (options.json !== true) {
    const line = fitText(walletNow(plan.scope, ledger, context.clock), plan);
    if (line !== undefined) terminal.err(line);
  }
  const canaries = canariesOf(plan, options);
  const others = plan.items.filter((item) => !canaries.includes(item));
  const queue = [canaries, others].flatMap((items) => inWorkOrder(items, order));
  checkBudget(plan, queue, caps, roomUnder(caps, ledger.used(plan.scope)), fit);
  if (options.dryRun === true) return 'dry run';
  if (canaries.length > 0 && options.json !== true) {
    const names = canaries.map(({ clip }) => terminal.safe(clip.relativePath)).join(', ');
    terminal.err(`first ${counted(canaries.length, 'clip')}, then the others: ${names}`);
  }
  if (options.yes !== true && plan.items.some((item) => !item.alreadyPaid)) {
    const first = canaries.length > 0 ? canaries : plan.items;
    if (!(await askFor(first, context, signal))) return 'declined';
  }
  return { canaries, others };
}

/** Asks whether these clips may be paid for. */
export function askFor(
  items: readonly PlannedClip[],
  { terminal, profile }: Context,
  signal: AbortSignal,
): Promise<boolean> {
  return confirm(question(items, profile.kind), terminal, signal);
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
