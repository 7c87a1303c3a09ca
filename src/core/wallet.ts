import type { Credits } from './credits.ts';

/**
 * What a user wrote down about bought credits. The service has no endpoint that tells a balance, so
 * this and rbgv's own spending are all that is known.
 */
export type WalletEntry =
  /** Credits bought once. */
  | {
      readonly kind: 'lot';
      /** Milliseconds since the epoch, here and below. */
      readonly at: number;
      readonly credits: Credits;
      /** `undefined`: never. */
      readonly expiresAt: number | undefined;
      readonly pool: string;
      readonly label: string;
      /** Spent only when nothing else is left. */
      readonly backup: boolean;
    }
  /** Credits that come anew each month. */
  | {
      readonly kind: 'plan';
      readonly at: number;
      readonly monthly: Credits;
      /** How many months' worth of unused credits are carried over at most; 0 for none. */
      readonly rollover: number;
      readonly pool: string;
      readonly label: string;
    }
  /** A correction: from here on the pool holds exactly this. */
  | {
      readonly kind: 'balance';
      readonly at: number;
      readonly credits: Credits;
      readonly pool: string;
    };

/** Credits that a paid start took. */
export interface Spend {
  readonly at: number;
  readonly credits: Credits;
}
