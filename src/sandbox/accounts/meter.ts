import type { Clock } from '../../core/clock.ts';
import { credits, NO_CREDITS, toNumber, type Credits } from '../../core/credits.ts';
import type { Behaviour } from '../behaviour.ts';
import type { Charge } from '../jobs/charge.ts';
import type { AccountBook, CreditEvent } from './accountBook.ts';
import { createWallet, type Wallet } from './wallet.ts';

/** What a key has left, spelled as `GET /sandbox/balance` shows it. */
export interface Balance {
  readonly key: string;
  /** Credits that can be spent; `null` for a key without a meter. */
  readonly balance: number | null;
  /** Credits set aside for started jobs that are charged later. */
  readonly held: number;
  readonly lots: readonly { readonly credits: number; readonly expires_at: string | null }[];
  readonly jobs_in_flight: number;
}

type Refusal = 'insufficient_credits' | 'too_many_jobs';

/** Lets jobs start while their key has credits and places. A key without a top-up has no meter. */
export interface Meter {
  /** Sets a place and the credits of a job aside, at once: two starts never share a credit. */
  reserve(key: string, jobId: string, amount: Credits): Refusal | undefined;
  /** As `reserve`, without asking: for jobs that were started by an earlier process. */
  resume(key: string, jobId: string, amount: Credits): void;
  /** Gives back a job's place, and what was set aside and not charged. */
  release(jobId: string): void;
  /** Takes a charge, or gives back a refund, as credits that stay. */
  apply(charge: Charge): void;
  /** Makes a top-up durable, then spendable; the first one turns the meter on. */
  topUp(key: string, amount: number, expiresAt: string | undefined): Promise<void>;
  /** Gives a key what new ones start with, unless it has had credits before. */
  welcome(key: string): Promise<void>;
  balanceOf(key: string): Balance;
}

/** Plays top-ups and charges back, in the order in which they happened. */
export function createMeter(deps: {
  readonly book: AccountBook;
  readonly charges: readonly Charge[];
  readonly behaviour: Behaviour;
  readonly clock: Clock;
}): Meter {
  const { book, behaviour, clock } = deps;
  const wallets = new Map<string, Wallet>();
  const reserved = new Map<string, { readonly key: string; amount: Credits }>();
  const places = new Map<string, number>();
  const held = new Map<string, Credits>();

  function credit(event: CreditEvent): void {
    const wallet = wallets.get(event.key) ?? createWallet();
    wallets.set(event.key, wallet);
    const { expiresAt } = event;
    wallet.add(credits(event.credits), expiresAt === undefined ? Infinity : Date.parse(expiresAt));
  }

  function apply(charge: Charge): void {
    const wallet = wallets.get(charge.key);
    if (charge.credits < 0) wallet?.add(credits(-charge.credits), Infinity);
    else wallet?.spend(credits(charge.credits), Date.parse(charge.at));
    const reservation = reserved.get(charge.job_id);
    if (reservation) setAside(reservation, NO_CREDITS);
  }

  function setAside(reservation: { readonly key: string; amount: Credits }, amount: Credits): void {
    const sum = (held.get(reservation.key) ?? 0) - reservation.amount + amount;
    held.set(reservation.key, sum as Credits);
    reservation.amount = amount;
  }

  function resume(key: string, jobId: string, amount: Credits): void {
    let reservation = reserved.get(jobId);
    if (reservation === undefined) {
      reservation = { key, amount: NO_CREDITS };
      reserved.set(jobId, reservation);
      places.set(key, (places.get(key) ?? 0) + 1);
    }
    setAside(reservation, amount);
  }

  async function topUp(key: string, amount: number, expiresAt: string | undefined): Promise<void> {
    const at = new Date(clock.now()).toISOString();
    const event: CreditEvent = { type: 'credited', at, key, credits: amount };
    const whole = expiresAt === undefined ? event : { ...event, expiresAt };
    await book.recordCredit(whole);
    credit(whole);
  }

  const history = [
    ...book.credits.map((event) => ({ at: event.at, run: () => credit(event) })),
    ...deps.charges.map((charge) => ({ at: charge.at, run: () => apply(charge) })),
  ];
  history.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  for (const { run } of history) run();

  return {
    resume,
    apply,
    topUp,
    reserve(key, jobId, amount) {
      const cap = behaviour.maxJobsInFlight;
      if (cap !== null && !reserved.has(jobId) && (places.get(key) ?? 0) >= cap) {
        return 'too_many_jobs';
      }
      const wallet = wallets.get(key);
      const free = wallet && wallet.balance(clock.now()) - (held.get(key) ?? 0);
      if (free !== undefined && free < amount) return 'insufficient_credits';
      resume(key, jobId, amount);
      return undefined;
    },
    release(jobId) {
      const reservation = reserved.get(jobId);
      if (reservation === undefined) return;
      setAside(reservation, NO_CREDITS);
      reserved.delete(jobId);
      places.set(reservation.key, (places.get(reservation.key) ?? 1) - 1);
    },
    async welcome(key) {
      const { startingCredits, creditExpiryDays } = behaviour;
      if (startingCredits === null || wallets.has(key)) return;
      await topUp(key, startingCredits, expiryAfter(creditExpiryDays, clock.now()));
    },
    balanceOf(key) {
      const wallet = wallets.get(key);
      const now = clock.now();
      return {
        key,
        balance: wallet === undefined ? null : toNumber(wallet.balance(now)),
        held: toNumber(held.get(key) ?? NO_CREDITS),
        lots: (wallet?.lots(now) ?? []).map((lot) => ({
          credits: toNumber(lot.credits),
          expires_at: lot.expiresMs === Infinity ? null : new Date(lot.expiresMs).toISOString(),
        })),
        jobs_in_flight: places.get(key) ?? 0,
      };
    },
  };
}

/** @returns ISO 8601, UTC; `undefined` for credits that stay */
export function expiryAfter(days: number | null, nowMs: number): string | undefined {
  return days === null ? undefined : new Date(nowMs + days * 86_400_000).toISOString();
}
