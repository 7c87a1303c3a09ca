import type { Plan, PlannedClip } from '../../batch/plan.ts';
import { credits, sumCredits, type Credits } from '../../core/credits.ts';
import type { Ledger } from '../../ledger/ledger.ts';

const DAY_MS = 86_400_000;

function dayBegan(now: number): number {
  return Math.floor(now / DAY_MS) * DAY_MS;
}

/** Milliseconds until the next UTC day. */
export function untilNextDay(now: number): number {
  return dayBegan(now) + DAY_MS - now;
}

/**
 * The part of a plan that today's budget allows, in the plan's order: what every run of this ledger
 * has spent today counts, clips that are paid already cost nothing.
 *
 * @param limit credits a UTC day; `undefined` for no limit
 * @returns the plan without the clips that are held back, and those
 */
export function withinDay(
  plan: Plan,
  limit: number | undefined,
  ledger: Ledger,
  now: number,
): { readonly plan: Plan; readonly held: readonly PlannedClip[] } {
  if (limit === undefined) return { plan, held: [] };
  const spent = sumCredits(ledger.spend(plan.scope, dayBegan(now)).map((day) => day.credits));
  let left = credits(limit) - spent;
  const held = new Set(
    plan.items.filter((item) => {
      const price = item.alreadyPaid ? 0 : item.credits;
      if (price > left) return true;
      left -= price;
      return false;
    }),
  );
  const items = plan.items.filter((item) => !held.has(item));
  const { model } = plan.settings;
  const sum = (pick: 'exact' | 'perMinute'): Credits =>
    sumCredits(
      items.filter((item) => !item.alreadyPaid).map((item) => item.estimate.byModel[model][pick]),
    );
  const rest = { ...plan, items, cost: sum('exact'), worstCase: sum('perMinute') };
  return { plan: rest, held: [...held] };
}
