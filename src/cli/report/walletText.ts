import { formatCredits, toNumber, type Credits } from '../../core/credits.ts';
import type { ExpiringLot } from '../../pricing/forecast.ts';
import type { WalletState } from '../../pricing/wallet.ts';
import type { Terminal } from '../terminal.ts';
import { formatTable } from './table.ts';

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
  const { use } = wallet;
  if (use !== undefined && use.cap > 0) {
    const share = Math.floor((use.used / use.cap) * 100);
    lines.push(`${share} % of what it held on ${use.name.slice(0, 10)} are used up`);
  }
  if (overdrawn > 0) {
    lines.push(
      `${formatCredits(overdrawn)} more were spent than are written down here; correct it with: rbgv credits set <what the dashboard shows>`,
    );
  }
  return `${table}\n\n${lines.join('\n')}`;
}

/** What a person should know about the wallet when a run ends; at most a line for each. */
export function walletNotices(
  before: WalletState,
  after: WalletState,
  expiring: readonly ExpiringLot[],
  terminal: Terminal,
): readonly string[] {
  const begun = before.backupUsed === 0 && after.backupUsed > 0;
  return [
    ...(begun ? ['wallet: backup credits are being spent now, as nothing else is left'] : []),
    ...expiring.map((lot) => `warning: ${expiringText(lot, terminal)}`),
  ];
}

/** `40 credits of \`S\` will expire unused on 2027-01-31`. */
export function expiringText(
  { label, credits, expiresAt }: ExpiringLot,
  terminal: Terminal,
): string {
  const name = label === '' ? 'a lot' : `\`${terminal.safe(label)}\``;
  return `${formatCredits(credits)} credits of ${name} will expire unused on ${day(expiresAt)}`;
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
