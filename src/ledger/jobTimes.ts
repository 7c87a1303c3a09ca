import { prepared, type Sql } from './openDatabase.ts';

/** So many of each model are kept: services change. */
const KEPT = 200;

/** Times of the latest jobs of a model, as multiples of their clips' lengths. */
export function jobTimes(sql: Sql, scope: string, model: string): readonly number[] {
  const rows = prepared(
    sql,
    'SELECT ratio FROM job_time WHERE scope = ? AND model = ? ORDER BY seq DESC LIMIT ?',
  ).all(scope, model, KEPT) as { ratio: number }[];
  return rows.map(({ ratio }) => ratio);
}

export function addJobTime(sql: Sql, scope: string, model: string, ratio: number): void {
  prepared(sql, 'INSERT INTO job_time (scope, model, ratio) VALUES (?, ?, ?)').run(
    scope,
    model,
    ratio,
  );
  prepared(
    sql,
    `DELETE FROM job_time WHERE scope = ? AND model = ? AND seq <= (SELECT seq FROM job_time
       WHERE scope = ? AND model = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
  ).run(scope, model, scope, model, KEPT);
}
