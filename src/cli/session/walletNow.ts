import type { Clock } from '../../core/clock.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { forecast } from '../../pricing/forecast.ts';
import { walletAt, type WalletState } from '../../pricing/wallet.ts';
import type { Context } from '../context.ts';
import { walletNotices } from '../report/walletText.ts';

/** Credits that would expire unused within these days are pointed out. */
const SOON_DAYS = 14;
/** The pace of spending is that of these days. */
const PACE_DAYS = 30;
const DAY_MS = 86_400_000;

/** The wallet of an account space by rbgv's own books, as it is now. */
export function walletNow(scope: string, ledger: Ledger, clock: Clock): WalletState {
  return walletAt(ledger.walletEntries(scope), ledger.spends(scope), clock.now());
}

/**
 * What a run's end says of the wallet: that it began with backup credits, and what expires soon.
 *
 * @param begunAt milliseconds since the epoch
 */
export function walletAtEnd(
  begunAt: number,
  scope: string,
  ledger: Ledger,
  { clock, terminal }: Pick<Context, 'clock' | 'terminal'>,
): readonly string[] {
  const entries = ledger.walletEntries(scope);
  if (entries.length === 0) return [];
  const spends = ledger.spends(scope);
  const now = clock.now();
  const { expiring } = forecast(entries, spends, now, PACE_DAYS);
  return walletNotices(
    // A start in the very millisecond in which the run began is the run's own.
    walletAt(entries, spends, begunAt - 1),
    walletAt(entries, spends, now),
    expiring.filter(({ expiresAt }) => expiresAt <= now + SOON_DAYS * DAY_MS),
    terminal,
  );
}
