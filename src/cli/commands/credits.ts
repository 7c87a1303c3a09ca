import { credits as creditsOf } from '../../core/credits.ts';
import { RbgvError } from '../../core/errors.ts';
import type { WalletEntry } from '../../core/wallet.ts';
import { forecast } from '../../pricing/forecast.ts';
import { SPENDING_POOL, walletAt } from '../../pricing/wallet.ts';
import { createContext } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { forecastJson, forecastText } from '../report/forecastText.ts';
import { walletJson, walletText } from '../report/walletText.ts';

export interface CreditsOptions {
  readonly action: 'list' | 'add' | 'set' | 'forecast';
  readonly amount?: number;
  /** A number of days (`90d`), months (`24m`) or a date (`2027-01-31`). */
  readonly expires?: string;
  readonly pool?: string;
  readonly label?: string;
  readonly backup?: boolean;
  /** The amount comes anew each month. */
  readonly monthly?: boolean;
  /** Months' worth of unused credits that are carried over at most. */
  readonly rollover?: number;
  /** Forecast from the spending of so many days. */
  readonly days?: number;
  readonly json?: boolean;
  readonly profile?: string | undefined;
}

/**
 * `rbgv credits`: a wallet of what was bought. The service has no endpoint that tells a balance, so
 * every figure is by rbgv's own books.
 */
export async function credits(options: CreditsOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, clock, profile } = context;
  const ledger = await context.ledger();
  try {
    const entry = entryOf(options, clock.now());
    if (entry !== undefined) ledger.addWalletEntry(profile.scope, entry);
    const now = clock.now();
    const entries = ledger.walletEntries(profile.scope);
    const spends = ledger.spends(profile.scope);
    const wallet = walletAt(entries, spends, now);
    const asJson = options.json === true;
    if (options.action === 'forecast') {
      const days = options.days ?? 30;
      const outlook = forecast(entries, spends, now, days);
      terminal.out(
        asJson
          ? JSON.stringify(forecastJson(outlook, wallet, days), null, 2)
          : forecastText(outlook, wallet, days, terminal),
      );
    } else {
      terminal.out(
        asJson ? JSON.stringify(walletJson(wallet), null, 2) : walletText(wallet, terminal),
      );
    }
    return exitCode('ok');
  } finally {
    ledger.close();
  }
}

function entryOf(options: CreditsOptions, at: number): WalletEntry | undefined {
  const { action, amount = 0, pool = SPENDING_POOL, label = '' } = options;
  switch (action) {
    case 'list':
    case 'forecast':
      return undefined;
    case 'set':
      return { kind: 'balance', at, credits: creditsOf(amount), pool };
    case 'add': {
      if (options.monthly === true) {
        if (options.expires !== undefined || options.backup === true) {
          throw new RbgvError(
            'usage',
            'bad_plan',
            'a monthly plan neither expires nor waits as a backup',
            {
              hint: 'use --rollover to say how much is carried over',
            },
          );
        }
        const rollover = options.rollover ?? 0;
        return { kind: 'plan', at, monthly: creditsOf(amount), rollover, pool, label };
      }
      const expiresAt = options.expires === undefined ? undefined : expiry(options.expires, at);
      const backup = options.backup ?? false;
      return { kind: 'lot', at, credits: creditsOf(amount), expiresAt, pool, label, backup };
    }
  }
}

/** @throws RbgvError `bad_expiry` for what is no time to come */
function expiry(text: string, now: number): number {
  const span = /^(\d{1,4})([dm])$/.exec(text);
  const day = new Date(now);
  if (span?.[2] === 'd') day.setUTCDate(day.getUTCDate() + Number(span[1]));
  if (span?.[2] === 'm') day.setUTCMonth(day.getUTCMonth() + Number(span[1]));
  const end = span === null ? endOfDay(text) : day.getTime();
  if (end > now) return end;
  throw new RbgvError('usage', 'bad_expiry', `\`${text}\` is no time to come`, {
    hint: 'for example --expires 90d, 24m or 2027-01-31',
  });
}

/** The last millisecond of a date, in UTC; NaN for none. */
function endOfDay(text: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T23:59:59.999Z`) : NaN;
}
