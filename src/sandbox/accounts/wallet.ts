import { NO_CREDITS, sumCredits, type Credits } from '../../core/credits.ts';

/** The credits of one key. Amounts are exact; times are milliseconds since the epoch. */
export interface Wallet {
  /** @param expiresMs `Infinity` for credits that stay */
  add(amount: Credits, expiresMs: number): void;
  /**
   * Takes credits from the lots that expire soonest. What they do not hold is owed, and the next
   * lot pays it first: a charge once written is never undone.
   */
  spend(amount: Credits, atMs: number): void;
  /** What can be spent; below zero when something is owed. */
  balance(atMs: number): Credits;
  /** Lots that are neither empty nor expired, soonest to expire first. */
  lots(atMs: number): readonly { readonly credits: Credits; readonly expiresMs: number }[];
}

export function createWallet(): Wallet {
  /** Amounts by the moment they expire; what never expires lies under `Infinity`. */
  const amounts = new Map<number, Credits>();
  let owed = NO_CREDITS;

  function lots(atMs: number) {
    return Array.from(amounts, ([expiresMs, credits]) => ({ expiresMs, credits }))
      .filter((lot) => lot.expiresMs > atMs && lot.credits > 0)
      .sort((one, other) => (one.expiresMs < other.expiresMs ? -1 : 1));
  }

  return {
    lots,
    add(amount, expiresMs) {
      const paid = Math.min(owed, amount);
      owed = (owed - paid) as Credits;
      const rest = amount - paid;
      amounts.set(expiresMs, ((amounts.get(expiresMs) ?? 0) + rest) as Credits);
    },
    spend(amount, atMs) {
      let left: number = amount;
      for (const lot of lots(atMs)) {
        const taken = Math.min(left, lot.credits);
        amounts.set(lot.expiresMs, (lot.credits - taken) as Credits);
        left -= taken;
      }
      owed = (owed + left) as Credits;
    },
    balance: (atMs) => (sumCredits(lots(atMs).map((lot) => lot.credits)) - owed) as Credits,
  };
}
