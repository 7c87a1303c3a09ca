import type { WalletUse } from '../core/budget.ts';
import { sumCredits, type Credits } from '../core/credits.ts';
import type { Spend, WalletEntry } from '../core/wallet.ts';

/** Credits of one kind, as they stand now. */
export interface LotState {
  readonly label: string;
  readonly pool: string;
  /** What it held when it was bought; a plan: what its last renewal made of it. */
  readonly granted: Credits;
  readonly left: Credits;
  /** Milliseconds since the epoch; `undefined`: never. A plan's credits do not expire by day. */
  readonly expiresAt: number | undefined;
  readonly backup: boolean;
  /** A plan's monthly credits. */
  readonly monthly: Credits | undefined;
}

/** The wallet at one moment, by rbgv's own books. */
export interface WalletState {
  /** In the order of spending; empty and expired ones are left out. */
  readonly lots: readonly LotState[];
  /** What the spending pool still holds. */
  readonly left: Credits;
  /** What its lots, those that still hold something or were emptied, were granted. */
  readonly granted: Credits;
  /** Spent beyond what was written down: something was bought that the wallet does not know. */
  readonly overdrawn: Credits;
  /** Lost to expiry, or at a plan's renewal, all time. */
  readonly expiredUnused: Credits;
  /** Taken from backup lots that have not expired. */
  readonly backupUsed: Credits;
  /** What is gone since the spending pool last grew; `undefined` when it never held anything. */
  readonly use: WalletUse | undefined;
}

/** The pool that calls of the API draw on; others (a web site's own) are only kept in mind. */
export const SPENDING_POOL = 'api';

/** A lot while it is replayed; amounts are millionths of a credit. */
interface Lot {
  readonly label: string;
  readonly pool: string;
  granted: number;
  left: number;
  readonly expiresAt: number | undefined;
  readonly backup: boolean;
  /** A plan's monthly credits. */
  monthly: Credits | undefined;
  /** When a plan comes anew, which is when it loses what it cannot carry over. */
  renewsAt: number | undefined;
}

/** What was bought and spent, replayed in the order of time. */
export interface Replay {
  /** Takes credits: what expires soonest first, backup lots last. Times must not go back. */
  spend(spend: Spend): void;
  /** The wallet at a moment; times must not go back. */
  state(at: number): WalletState;
}

/**
 * The wallet at one moment.
 *
 * @param now milliseconds since the epoch; entries and spends after it are left out
 */
export function walletAt(
  entries: readonly WalletEntry[],
  spends: readonly Spend[],
  now: number,
): WalletState {
  const replay = createReplay(entries, now);
  const past = spends.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  for (const spend of past) replay.spend(spend);
  return replay.state(now);
}

/** @param until how far plans are renewed; milliseconds since the epoch */
export function createReplay(entries: readonly WalletEntry[], until: number): Replay {
  const lots: Lot[] = [];
  let overdrawn = 0;
  let lostAtRenewal = 0;
  let grown: { readonly at: number; readonly held: number } | undefined;

  function take(amount: number, at: number, pool: string): number {
    let open = amount;
    for (const lot of spendable(lots, at, pool)) {
      const part = Math.min(lot.left, open);
      lot.left -= part;
      open -= part;
    }
    return open;
  }

  function held(at: number, pool: string): number {
    return spendable(lots, at, pool).reduce((sum, { left }) => sum + left, 0);
  }

  function grow(at: number, pool: string): void {
    if (pool === SPENDING_POOL) grown = { at, held: held(at, pool) };
  }

  function settle(credits: Credits, at: number, pool: string): void {
    const before = held(at, pool);
    if (before > credits) take(before - credits, at, pool);
    if (before < credits) {
      lots.push(createLot('correction', pool, credits - before));
      grow(at, pool);
    }
    if (pool === SPENDING_POOL) overdrawn = 0;
  }

  function stepsOf(entry: WalletEntry): readonly Step[] {
    const { at, pool } = entry;
    switch (entry.kind) {
      case 'lot': {
        const { label, credits, expiresAt, backup } = entry;
        const lot = { ...createLot(label, pool, credits), expiresAt, backup };
        const add = (): void => {
          lots.push(lot);
          grow(at, pool);
        };
        return [{ at, do: add }];
      }
      case 'plan': {
        const { monthly, rollover, label } = entry;
        // A plan of the same name takes the place of the one before, and what that had left.
        const isSame = (other: WalletEntry): boolean =>
          other.kind === 'plan' && other.pool === pool && other.label === label;
        const { at: endsAt = Infinity } =
          entries.slice(entries.indexOf(entry) + 1).find(isSame) ?? {};
        const renew = (day: number, renewsAt: number | undefined): void => {
          const known = lots.find(
            (lot) => lot.monthly !== undefined && lot.pool === pool && lot.label === label,
          );
          const lot = known ?? createLot(label, pool, 0);
          if (known === undefined) lots.push(lot);
          const kept = Math.min(lot.left, rollover * monthly);
          lostAtRenewal += lot.left - kept;
          lot.left = kept + monthly;
          lot.granted = lot.left;
          lot.monthly = monthly;
          lot.renewsAt = renewsAt;
          grow(day, pool);
        };
        const days = renewals(at, Math.min(until, endsAt - 1) + MONTH_MS);
        return days
          .filter((day) => day <= until && day < endsAt)
          .map((day, index) => ({ at: day, do: () => renew(day, days[index + 1]) }));
      }
      case 'balance':
        return [{ at, do: () => settle(entry.credits, at, pool) }];
    }
  }

  const steps = entries.flatMap(stepsOf).sort((a, b) => a.at - b.at);
  let next = 0;
  const advance = (to: number): void => {
    for (let step = steps[next]; step !== undefined && step.at <= to; step = steps[next]) {
      step.do();
      next += 1;
    }
  };

  return {
    spend({ at, credits }) {
      advance(at);
      overdrawn += take(credits, at, SPENDING_POOL);
    },
    state(at) {
      advance(at);
      const live = lots.filter(({ expiresAt = Infinity }) => expiresAt > at);
      const ours = live.filter(({ pool }) => pool === SPENDING_POOL);
      const expired = lots.filter(({ expiresAt = Infinity }) => expiresAt <= at);
      const others = live.filter(({ pool, left }) => pool !== SPENDING_POOL && left > 0);
      const left = total(ours.map((lot) => lot.left));
      return {
        lots: [...spendable(live, at, SPENDING_POOL), ...others].map(frozen),
        left,
        granted: total(ours.map(({ granted }) => granted)),
        overdrawn: total([overdrawn]),
        expiredUnused: total([...expired.map(({ left }) => left), lostAtRenewal]),
        backupUsed: total(ours.filter(({ backup }) => backup).map((lot) => lot.granted - lot.left)),
        use: grown === undefined ? undefined : walletUse(grown, left),
      };
    },
  };
}

function walletUse(
  grown: { readonly at: number; readonly held: number },
  left: Credits,
): WalletUse {
  const cap = total([grown.held]);
  const used = total([Math.max(0, grown.held - left)]);
  return { period: 'wallet', name: new Date(grown.at).toISOString(), used, cap };
}

interface Step {
  readonly at: number;
  do(): void;
}

function createLot(label: string, pool: string, granted: number): Lot {
  const none = { expiresAt: undefined, backup: false, monthly: undefined, renewsAt: undefined };
  return { label, pool, granted, left: granted, ...none };
}

/** No month is longer. */
const MONTH_MS = 31 * 86_400_000;

/** The first day of a plan and the same day of each month after it, up to now. */
function renewals(from: number, until: number): readonly number[] {
  const first = new Date(from);
  const days: number[] = [];
  for (let month = 0; ; month += 1) {
    const day = new Date(from);
    day.setUTCDate(1);
    day.setUTCMonth(first.getUTCMonth() + month);
    const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
    day.setUTCDate(Math.min(first.getUTCDate(), last));
    if (day.getTime() > until) return days;
    days.push(day.getTime());
  }
}

function frozen({ renewsAt: _, ...lot }: Lot): LotState {
  return { ...lot, granted: total([lot.granted]), left: total([lot.left]) };
}

/** What a spend draws on, in the order in which it does. */
function spendable(lots: readonly Lot[], at: number, pool: string): readonly Lot[] {
  const soonest = ({ renewsAt = Infinity, expiresAt = renewsAt }: Lot): number => expiresAt;
  return lots
    .filter(
      ({ expiresAt = Infinity, ...lot }) => lot.pool === pool && lot.left > 0 && expiresAt > at,
    )
    .sort((a, b) => Number(a.backup) - Number(b.backup) || compare(soonest(a), soonest(b)));
}

/** Infinity less Infinity is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function total(amounts: readonly number[]): Credits {
  return sumCredits(amounts as readonly Credits[]);
}
