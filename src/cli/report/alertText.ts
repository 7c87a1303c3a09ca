import { PERIOD_WORDS, type BudgetAlert } from '../../core/budget.ts';
import { formatCredits, toNumber } from '../../core/credits.ts';

/** `budget: 80 % of the day's 100 credits are spent or reserved (83.2)`, or of the wallet. */
export function alertText({ period, percent, used, cap }: BudgetAlert): string {
  if (period === 'wallet') {
    return `wallet: ${percent} % of its ${formatCredits(cap)} credits are used up (${formatCredits(used)})`;
  }
  const budget = `${PERIOD_WORDS[period]} ${formatCredits(cap)} credits`;
  return `budget: ${percent} % of ${budget} are spent or reserved (${formatCredits(used)})`;
}

/** An alert as data: an event of `--json`, and the body of the post. */
export function alertJson(alert: BudgetAlert, profile?: string): Readonly<Record<string, unknown>> {
  return {
    type: 'budget_alert',
    ...(profile === undefined ? {} : { version: 1, profile, text: `rbgv ${alertText(alert)}` }),
    period: alert.period,
    name: alert.name,
    percent: alert.percent,
    used_credits: toNumber(alert.used),
    max_credits: toNumber(alert.cap),
  };
}
