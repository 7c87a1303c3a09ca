import type { Clock } from '../../core/clock.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { walletAt, type WalletState } from '../../pricing/wallet.ts';

/** The wallet of an account space by rbgv's own books, as it is now. */
export function walletNow(scope: string, ledger: Ledger, clock: Clock): WalletState {
  return walletAt(ledger.walletEntries(scope), ledger.spends(scope), clock.now());
}
