import type { Credits } from '../core/credits.ts';
import type { Sql } from './openDatabase.ts';

/** What rbgv's books hold for one UTC day and one model. */
export interface DaySpend {
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  readonly model: string;
  /** Paid starts. */
  readonly jobs: number;
  /** Of those, how many came to a checked output. */
  readonly done: number;
  readonly failed: number;
  /** Sum of the estimates at the time of the start, failed jobs included. */
  readonly credits: Credits;
}

export function spendByDay(sql: Sql, scope: string, sinceMs: number): readonly DaySpend[] {
  const rows = sql
    .prepare(
      `SELECT date(started_at / 1000, 'unixepoch') AS date, model, COUNT(*) AS jobs,
         SUM(state IN ('verified', 'done')) AS done, SUM(state = 'failed') AS failed,
         SUM(estimate) AS credits
       FROM job WHERE scope = ? AND started_at >= ?
       GROUP BY 1, 2 ORDER BY 1, 2`,
    )
    .all(scope, sinceMs);
  return rows as DaySpend[];
}
