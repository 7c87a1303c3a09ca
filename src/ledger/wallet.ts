import type { Credits } from '../core/credits.ts';
import type { Spend, WalletEntry } from '../core/wallet.ts';
import { prepared, type Sql } from './openDatabase.ts';

/** What was written down about bought credits, oldest first. */
export function walletEntries(sql: Sql, scope: string): readonly WalletEntry[] {
  const rows = prepared(sql, 'SELECT entry FROM wallet_entry WHERE scope = ? ORDER BY id').all(
    scope,
  );
  return (rows as { entry: string }[]).map(({ entry }) => JSON.parse(entry) as WalletEntry);
}

export function addWalletEntry(sql: Sql, scope: string, entry: WalletEntry): void {
  prepared(sql, 'INSERT INTO wallet_entry (scope, entry) VALUES (?, ?)').run(
    scope,
    JSON.stringify(entry),
  );
}

/** Every paid start of a scope, oldest first: its bill, or its estimate until that is known. */
export function spends(sql: Sql, scope: string): readonly Spend[] {
  const rows = prepared(
    sql,
    `SELECT started_at AS at, COALESCE(b.billed, estimate) AS credits
       FROM job LEFT JOIN booking b USING (key)
       WHERE job.scope = ? AND started_at IS NOT NULL ORDER BY started_at`,
  ).all(scope);
  return (rows as { at: number; credits: number }[]).map(({ at, credits }) => ({
    at,
    credits: credits as Credits,
  }));
}
