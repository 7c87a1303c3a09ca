import type { WalletUse } from '../core/budget.ts';
import { walletAt } from '../pricing/wallet.ts';
import type { BatchDeps } from './deps.ts';

type Teller = Pick<BatchDeps, 'ledger' | 'runId' | 'alertAt' | 'report' | 'clock'>;

/** Reports the levels of the run's budgets and of the wallet that nobody has told of yet. */
export function tellAlerts(deps: Teller, scope: string): void {
  tell(deps, walletUse(deps, scope));
}

/** The wallet is replayed from its first day on: not for each of ten thousand starts. */
const LOOK_MS = 1_000;

/** As `tellAlerts`, for each start of a run: the wallet is looked at once a second at most. */
export function createAlertTeller(deps: Teller, scope: string): () => void {
  let next = -Infinity;
  return () => {
    const now = deps.clock.monotonic();
    const isDue = now >= next;
    if (isDue) next = now + LOOK_MS;
    tell(deps, isDue ? walletUse(deps, scope) : undefined);
  };
}

function tell({ ledger, runId, alertAt, report }: Teller, wallet: WalletUse | undefined): void {
  for (const alert of ledger.newAlerts(runId, alertAt, wallet)) {
    report({ type: 'budget_alert', alert });
  }
}

function walletUse({ ledger, clock }: Teller, scope: string): WalletUse | undefined {
  const entries = ledger.walletEntries(scope);
  return entries.length === 0
    ? undefined
    : walletAt(entries, ledger.spends(scope), clock.now()).use;
}
