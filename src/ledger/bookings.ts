import {
  OverBudget,
  periodNames,
  PERIODS,
  type BudgetAlert,
  type BudgetUse,
  type Period,
  type WalletUse,
} from '../core/budget.ts';
import { NO_CREDITS, type Credits } from '../core/credits.ts';
import { prepared, type Sql } from './openDatabase.ts';

/**
 * Reserves a start's worst case in the books of its run, before it is sent. A reservation of an
 * earlier run, whose start was proved not to have happened, moves to this one.
 *
 * @throws OverBudget; the sums are then as they were
 */
export function reserve(sql: Sql, runId: string, key: string, now: number): void {
  try {
    book(sql, runId, key, now, true);
  } catch (error) {
    const refused = /over budget: (run|day|month)/.test(String(error));
    const short = refused ? shortOf(sql, runId, key, now) : undefined;
    throw short ?? error;
  }
}

/** Books a start that rbgv did not ask for, unless the job stands in the books already. */
export function bookStarted(sql: Sql, runId: string, key: string, now: number): void {
  const known = prepared(sql, 'SELECT 1 FROM booking WHERE key = ?').get(key);
  if (known === undefined) book(sql, runId, key, now, false);
}

function book(sql: Sql, runId: string, key: string, now: number, asked: boolean): void {
  prepared(
    sql,
    `INSERT INTO booking (key, run_id, scope, profile, tags, day, held, asked)
       SELECT job.key, run.id, job.scope, run.profile, COALESCE((SELECT c.tags FROM run_clip c
         WHERE c.run_id = run.id AND c.key = job.key ORDER BY ordinal LIMIT 1), '{}'),
         ?, job.worst_case, ?
       FROM job JOIN run ON run.id = ? WHERE job.key = ?
       ON CONFLICT (key) DO UPDATE SET run_id = excluded.run_id, profile = excluded.profile,
         tags = excluded.tags, day = excluded.day, held = excluded.held, asked = excluded.asked`,
  ).run(periodNames(runId, now).day, asked ? 1 : 0, runId, key);
}

/** Gives back what was reserved for a start that the service refused for certain. */
export function release(sql: Sql, key: string): void {
  prepared(sql, 'DELETE FROM booking WHERE key = ?').run(key);
}

/** Puts the bill in the place of the worst case. */
export function settle(sql: Sql, key: string, billed: Credits): void {
  prepared(sql, 'UPDATE booking SET billed = ? WHERE key = ?').run(billed, key);
}

/** How far each capped period of a run is used up now. */
export function budgetUse(sql: Sql, runId: string, now: number): readonly BudgetUse[] {
  const run = prepared(
    sql,
    'SELECT scope, run_cap AS run, day_cap AS day, month_cap AS month FROM run WHERE id = ?',
  ).get(runId) as (Readonly<Record<Period, Credits | null>> & { scope: string }) | undefined;
  if (run === undefined) return [];
  const names = periodNames(runId, now);
  return PERIODS.flatMap((period) => {
    const cap = run[period];
    const name = names[period];
    return cap === null ? [] : [{ period, name, cap, used: usedIn(sql, run.scope, period, name) }];
  });
}

/** What is spent or reserved in a period. */
export function usedIn(sql: Sql, scope: string, period: Period, name: string): Credits {
  const row = prepared(
    sql,
    'SELECT amount FROM used WHERE scope = ? AND period = ? AND name = ?',
  ).get(scope, period, name) as { amount: Credits } | undefined;
  return row?.amount ?? NO_CREDITS;
}

/** Why a start's worst case would not fit now; `undefined` when it would. */
export function shortOf(sql: Sql, runId: string, key: string, now: number): OverBudget | undefined {
  const job = prepared(
    sql,
    `SELECT worst_case AS wanted, run_id, day, COALESCE(billed, held) AS kept
       FROM job LEFT JOIN booking USING (key) WHERE job.key = ?`,
  ).get(key) as {
    wanted: Credits;
    run_id: string | null;
    day: string | null;
    kept: number | null;
  };
  for (const use of budgetUse(sql, runId, now)) {
    // What this very job has reserved already is not in its own way.
    const own = { run: job.run_id, day: job.day, month: job.day?.slice(0, 7) }[use.period];
    const used = (use.used - (own === use.name ? (job.kept ?? 0) : 0)) as Credits;
    if (used + job.wanted > use.cap) return new OverBudget({ ...use, used }, job.wanted);
  }
  return undefined;
}

/**
 * The highest level that the wallet and each budget of a run have newly reached; each is told once,
 * to one process.
 *
 * @param levels percentages, 1..100
 * @param wallet `undefined` where none is kept
 */
export function newAlerts(
  sql: Sql,
  runId: string,
  levels: readonly number[],
  wallet: WalletUse | undefined,
  now: number,
): readonly BudgetAlert[] {
  const { scope } = prepared(sql, 'SELECT scope FROM run WHERE id = ?').get(runId) as {
    scope: string;
  };
  const insert = prepared(
    sql,
    `INSERT INTO alert (scope, period, name, cap, percent) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const uses = [...budgetUse(sql, runId, now), ...(wallet === undefined ? [] : [wallet])];
  return uses.flatMap((use) => {
    const reached = levels.filter((percent) => use.cap > 0 && use.used * 100 >= use.cap * percent);
    const fresh = reached.filter(
      (percent) => insert.run(scope, use.period, use.name, use.cap, percent).changes === 1,
    );
    return fresh.length === 0 ? [] : [{ ...use, percent: Math.max(...fresh) }];
  });
}
