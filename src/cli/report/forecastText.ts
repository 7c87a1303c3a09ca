import { formatCredits, toNumber } from '../../core/credits.ts';
import type { Forecast } from '../../pricing/forecast.ts';
import type { WalletState } from '../../pricing/wallet.ts';
import type { Terminal } from '../terminal.ts';
import { day, expiringText } from './walletText.ts';

/** When the credits run out, what will expire, and which plan would fit. */
export function forecastText(
  { perDay, perMonth, runsOutAt, expiring, advice }: Forecast,
  wallet: WalletState,
  days: number,
  terminal: Terminal,
): string {
  const lines = [`${formatCredits(wallet.left)} credits left, by rbgv's own books`];
  if (perDay === 0) {
    lines.push(`nothing was spent in the last ${days} days, so nothing can be foreseen`);
  } else {
    lines.push(
      `pace: ${formatCredits(perDay)} a day, ${formatCredits(perMonth)} a month (last ${days} days)`,
    );
    lines.push(
      runsOutAt === undefined
        ? 'at this pace they last for more than a year'
        : `at this pace they run out on ${day(runsOutAt)}`,
    );
  }
  lines.push(...expiring.map((lot) => expiringText(lot, terminal)));
  if (advice !== undefined) lines.push(advice);
  return lines.join('\n');
}

export function forecastJson(
  { perDay, perMonth, runsOutAt, expiring, advice }: Forecast,
  wallet: WalletState,
  days: number,
): unknown {
  return {
    version: 1,
    days,
    left: toNumber(wallet.left),
    per_day: toNumber(perDay),
    per_month: toNumber(perMonth),
    runs_out_on: runsOutAt === undefined ? null : day(runsOutAt),
    expiring: expiring.map(({ label, expiresAt, credits }) => ({
      label,
      expires_on: day(expiresAt),
      credits: toNumber(credits),
    })),
    advice: advice ?? null,
  };
}
