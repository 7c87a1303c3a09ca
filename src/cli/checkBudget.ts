import type { Plan, PlannedClip } from '../batch/plan.ts';
import { PERIOD_WORDS, PERIODS, type Caps, type Period } from '../core/budget.ts';
import { formatCredits, NO_CREDITS, type Credits } from '../core/credits.ts';
import { RbgvError } from '../core/errors.ts';
import { counted } from './report/estimateText.ts';

/** What is left of each capped period before a run begins. */
export type Room = Readonly<Partial<Record<Period, Credits>>>;

/** @param used what is spent or reserved already; a new run has used nothing */
export function roomUnder(
  caps: Caps,
  used: { readonly day: Credits; readonly month: Credits },
): Room {
  const room: Partial<Record<Period, Credits>> = {};
  for (const period of PERIODS) {
    const cap = caps[period];
    const gone = period === 'run' ? NO_CREDITS : used[period];
    if (cap !== undefined) room[period] = Math.max(0, cap - gone) as Credits;
  }
  return room;
}

/**
 * Holds a plan's worst case against what is left. With `fit` a plan that is too dear may begin: each
 * start is held against the caps again, and those that do not fit stay pending.
 *
 * @param queue the plan's clips in the order in which they would be begun
 * @throws RbgvError `over_budget`, which says what would have fitted
 */
export function checkBudget(
  plan: Plan,
  queue: readonly PlannedClip[],
  caps: Caps,
  room: Room,
  fit: boolean,
): void {
  const period = PERIODS.find((one) => needOf(plan) > (room[one] ?? Infinity));
  if (period === undefined || fit) return;
  const left = room[period] ?? NO_CREDITS;
  const { clips, credits } = whatFits(queue, room);
  const cap = caps[period] ?? left;
  throw new RbgvError(
    'credits',
    'over_budget',
    `the plan costs ${formatCredits(plan.cost)} credits, at worst ${formatCredits(plan.worstCase)}; ` +
      `${PERIOD_WORDS[period]} budget of ${formatCredits(cap)} has ${formatCredits(left)} left`,
    {
      hint:
        `nothing was sent; ${fitText(clips, credits, plan.cost <= left)}; ` +
        'or raise the budget, choose a cheaper model, give fewer clips',
    },
  );
}

function fitText(clips: readonly PlannedClip[], worst: Credits, billsMayHelp: boolean): string {
  if (clips.length === 0) return 'at worst not one clip fits';
  const names = clips.slice(0, 5).map(({ clip }) => clip.relativePath);
  if (clips.length > names.length) names.push('…');
  const more = billsMayHelp ? ', and others as bills come in below the worst case' : '';
  return (
    `${counted(clips.length, 'clip')} would fit at up to ${formatCredits(worst)} credits ` +
    `(${names.join(', ')}): --fit starts what fits${more}`
  );
}

/** What a run will newly reserve: not what is paid, nor what an earlier run has reserved. */
const isNew = (item: PlannedClip): boolean => !item.alreadyPaid && !item.reserved;

function needOf(plan: Plan): number {
  return plan.items.reduce((sum, item) => sum + (isNew(item) ? item.worstCase : 0), 0);
}

/** Clips as they come, as long as their worst cases fit; a dear one does not stop cheaper ones. */
function whatFits(
  items: readonly PlannedClip[],
  room: Room,
): { readonly clips: readonly PlannedClip[]; readonly credits: Credits } {
  const left = Math.min(...PERIODS.map((period) => room[period] ?? Infinity));
  let total = 0;
  const clips = items.filter((item) => {
    if (!isNew(item) || total + item.worstCase > left) return false;
    total += item.worstCase;
    return true;
  });
  return { clips, credits: total as Credits };
}
