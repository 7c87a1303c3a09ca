import { NO_CREDITS, sumCredits, toNumber, type Credits } from '../core/credits.ts';
import type { Spend, WalletEntry } from '../core/wallet.ts';
import { createReplay, SPENDING_POOL, type LotState, type WalletState } from './wallet.ts';

/** What becomes of the wallet when spending goes on as it did. */
export interface Forecast {
  /** Mean of the days looked at. */
  readonly perDay: Credits;
  readonly perMonth: Credits;
  /** The day on which it no longer suffices; `undefined`: not within the horizon. */
  readonly runsOutAt: number | undefined;
  /** Lots that will expire with something left. */
  readonly expiring: readonly ExpiringLot[];
  readonly advice: string | undefined;
}

export interface ExpiringLot {
  readonly label: string;
  readonly expiresAt: number;
  readonly credits: Credits;
}

const DAY_MS = 86_400_000;
const DAYS_A_MONTH = 30.44;
const HORIZON_DAYS = 400;
/** A plan is taken slightly above the need (the field's own advice). */
const HEADROOM = 1.1;
/** Months of unused credits that say a plan is too large. */
const PILE_MONTHS = 3;

/**
 * Spends the mean of the last days on each day to come.
 *
 * @param spends in the order of time
 * @param now milliseconds since the epoch
 * @param days how many days back the spending counts; fewer when the first spend is younger
 */
export function forecast(
  entries: readonly WalletEntry[],
  spends: readonly Spend[],
  now: number,
  days: number,
): Forecast {
  const perDay = meanPerDay(spends, now, days);
  const replay = createReplay(entries, now + HORIZON_DAYS * DAY_MS);
  for (const spend of spends) if (spend.at <= now) replay.spend(spend);
  const today = replay.state(now);
  const expiring: ExpiringLot[] = [];
  let runsOutAt: number | undefined;
  for (let day = 1; day <= HORIZON_DAYS && runsOutAt === undefined; day += 1) {
    const at = now + day * DAY_MS;
    for (const { label, expiresAt = Infinity, left } of spendingLots(replay.state(at - DAY_MS))) {
      if (expiresAt <= at) expiring.push({ label, expiresAt, credits: left });
    }
    replay.spend({ at: at - 1, credits: perDay });
    const { overdrawn } = replay.state(at - 1);
    if (overdrawn > today.overdrawn) runsOutAt = at;
  }
  const perMonth = Math.round(perDay * DAYS_A_MONTH) as Credits;
  return { perDay, perMonth, runsOutAt, expiring, advice: advise(perMonth, spendingLots(today)) };
}

/** What is spent from other pools nobody knows here. */
function spendingLots({ lots }: WalletState): readonly LotState[] {
  return lots.filter(({ pool }) => pool === SPENDING_POOL);
}

function meanPerDay(spends: readonly Spend[], now: number, days: number): Credits {
  const recent = spends.filter(({ at }) => at > now - days * DAY_MS && at <= now);
  const first = recent[0]?.at ?? now;
  const observed = Math.max(1, Math.min(days, Math.ceil((now - first) / DAY_MS)));
  return Math.round(sumCredits(recent.map((spend) => spend.credits)) / observed) as Credits;
}

function advise(perMonth: Credits, lots: readonly LotState[]): string | undefined {
  if (perMonth === NO_CREDITS) return undefined;
  const needed = Math.ceil(toNumber(perMonth) * HEADROOM);
  const plan = lots.find(({ monthly }) => monthly !== undefined);
  if (plan?.monthly === undefined) {
    return `at this pace a plan of about ${needed} credits a month is slightly above the need`;
  }
  if (perMonth > plan.monthly) {
    return `the plan's ${toNumber(plan.monthly)} credits a month are below the pace; about ${needed} would do`;
  }
  if (plan.left > plan.monthly * PILE_MONTHS) {
    return `unused credits pile up; a plan of about ${needed} credits a month would do`;
  }
  return undefined;
}
