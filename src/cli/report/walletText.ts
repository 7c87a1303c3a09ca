import { formatCredits, toNumber, type Credits } from '../../core/credits.ts';
import type { WalletState } from '../../pricing/wallet.ts';
import type { Terminal } from '../terminal.ts';
import { formatTable } from './table.ts';

/** The share of what was granted at which a user wants to know (the field's usual warning). */
const LOW_SHARE = 0.8;

/** The lots in the order of spending, and what they sum to. */
export function walletText(wallet: WalletState, terminal: Terminal): string {
  const { lots, overdrawn, expiredUnused } = wallet;
  if (lots.length === 0 && overdrawn === 0) {
    return 'no credits are written down; for example: rbgv credits add 1000 --expires 90d';
  }
  const table = formatTable(
    [
      { title: 'spent in this order' },
      { title: 'pool' },
      { title: 'left', align: 'right' },
      { title: 'of', align: 'right' },
      { title: 'expires' },
    ],
    lots.map(({ label, pool, left, granted, expiresAt, backup, monthly }) => [
      terminal.safe(label === '' ? '-' : label) + (backup ? ' (backup)' : ''),
      terminal.safe(pool),
      formatCredits(left),
      formatCredits(granted),
      expiresAt === undefined
        ? monthly === undefined
          ? 'never'
          : 'renews monthly'
        : day(expiresAt),
    ]),
  );
  const lines = [`${formatCredits(wallet.left)} credits left, by rbgv's own books`];
  if (expiredUnused > 0) lines.push(`${formatCredits(expiredUnused)} credits expired unused`);
  const low = lowText(wallet);
  if (low !== undefined) lines.push(low);
  if (overdrawn > 0) {
    lines.push(
      `${formatCredits(overdrawn)} more were spent than are written down here; correct it with: rbgv credits set <what the dashboard shows>`,
    );
  }
  return `${table}\n\n${lines.join('\n')}`;
}

/** A warning once most of the credits are used; `undefined` before. */
export function lowText({ left, granted }: WalletState): string | undefined {
  if (granted === 0 || left > granted * (1 - LOW_SHARE)) return undefined;
  const share = Math.floor((1 - left / granted) * 100);
  return `${share} % of the credits are used; top up, or see: rbgv credits forecast`;
}

/** Whether a batch fits, also at worst; `undefined` when nothing was ever written down. */
export function fitText(
  { granted, left }: WalletState,
  { cost, worstCase }: { readonly cost: Credits; readonly worstCase: Credits },
): string | undefined {
  if (granted === 0) return undefined;
  const held = `wallet: ${formatCredits(left)} credits by rbgv's own books`;
  const above = (amount: Credits): string =>
    `${formatCredits((amount - left) as Credits)} more than that`;
  if (cost > left) return `${held}; this is ${above(cost)}`;
  const atWorst = worstCase > left ? `; at worst it is ${above(worstCase)}` : '';
  return `${held}; this fits and leaves ${formatCredits((left - cost) as Credits)}${atWorst}`;
}

export function walletJson({ lots, ...sums }: WalletState): unknown {
  return {
    version: 1,
    left: toNumber(sums.left),
    granted: toNumber(sums.granted),
    overdrawn: toNumber(sums.overdrawn),
    expired_unused: toNumber(sums.expiredUnused),
    lots: lots.map(({ label, pool, granted, left, expiresAt, backup, monthly }) => ({
      label,
      pool,
      left: toNumber(left),
      granted: toNumber(granted),
      expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
      backup,
      monthly: monthly === undefined ? null : toNumber(monthly),
    })),
  };
}

/** `2027-01-31`, UTC. */
export function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
