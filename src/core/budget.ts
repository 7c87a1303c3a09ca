import { formatCredits, type Credits } from './credits.ts';

/** What a cap is about: one run, one UTC day, one UTC month. */
export const PERIODS = ['run', 'day', 'month'] as const;
export type Period = (typeof PERIODS)[number];

/** The most that may be spent or reserved in each period; a period left out has no cap. */
export type Caps = Readonly<Partial<Record<Period, Credits>>>;

/** How far a capped period is used up: bills where they are known, worst cases where not. */
export interface BudgetUse {
  readonly period: Period;
  /** The run's id, `2026-11-21`, or `2026-11`. */
  readonly name: string;
  readonly used: Credits;
  readonly cap: Credits;
}

/**
 * How much of what the wallet held when it last grew (a lot, a renewal, a correction upwards) is used
 * up. Its name is that moment, in ISO 8601, so that a wallet that grows again alerts again.
 */
export interface WalletUse extends Omit<BudgetUse, 'period'> {
  readonly period: 'wallet';
}

/** A level of a budget or of the wallet that was reached, said once for each period. */
export interface BudgetAlert extends Omit<BudgetUse, 'period'> {
  readonly period: Period | 'wallet';
  /** 1..100 */
  readonly percent: number;
}

/** A start that was not sent, because its worst case does not fit below a cap. */
export class OverBudget extends Error {
  override readonly name = 'OverBudget';
  readonly use: BudgetUse;
  constructor(use: BudgetUse, wanted: Credits) {
    const left = formatCredits(Math.max(0, use.cap - use.used) as Credits);
    super(
      `its worst case of ${formatCredits(wanted)} credits does not fit: ` +
        `${left} of ${PERIOD_WORDS[use.period]} ${formatCredits(use.cap)} are left`,
    );
    this.use = use;
  }
}

/** `the day's`, for sentences. */
export const PERIOD_WORDS: Readonly<Record<Period, string>> = {
  run: "the run's",
  day: "the day's",
  month: "the month's",
};

/** For each period the smaller of two caps: a further rule can only tighten. */
export function tightest(one: Caps, other: Caps): Caps {
  const caps: Partial<Record<Period, Credits>> = {};
  for (const period of PERIODS) {
    const both = [one[period], other[period]].filter((cap) => cap !== undefined);
    if (both.length > 0) caps[period] = Math.min(...both) as Credits;
  }
  return caps;
}

/** The names of the periods that a moment lies in, by UTC; milliseconds since the epoch. */
export function periodNames(runId: string, now: number): Readonly<Record<Period, string>> {
  const day = new Date(now).toISOString().slice(0, 10);
  return { run: runId, day, month: day.slice(0, 7) };
}

/** `50,80,95`: whole percentages from 1 to 100; `undefined` for anything else. */
export function parsePercentages(text: string): readonly number[] | undefined {
  const values = text.split(',').map((part) => part.trim());
  return values.every((value) => /^([1-9]\d?|100)$/.test(value)) ? values.map(Number) : undefined;
}
