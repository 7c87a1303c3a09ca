import type { Credits } from '../core/credits.ts';
import type { Model } from '../core/model.ts';
import { prepared, type Sql } from './openDatabase.ts';

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
  /** Bills where they are known, else the estimates at the time of the start; failed ones too. */
  readonly credits: Credits;
}

export function spendByDay(sql: Sql, scope: string, sinceMs: number): readonly DaySpend[] {
  const rows = prepared(
    sql,
    `SELECT date(started_at / 1000, 'unixepoch') AS date, model, COUNT(*) AS jobs,
         SUM(state IN ('verified', 'done')) AS done, SUM(state = 'failed') AS failed,
         SUM(COALESCE(b.billed, estimate)) AS credits
       FROM job LEFT JOIN booking b USING (key) WHERE job.scope = ? AND started_at >= ?
       GROUP BY 1, 2 ORDER BY 1, 2`,
  ).all(scope, sinceMs);
  return rows as DaySpend[];
}

/** What spending can be put in groups by. */
export type SpendGroup = 'model' | 'day' | 'run' | 'profile' | { readonly tag: string };

export interface SpendQuery {
  readonly by: SpendGroup;
  /** Account space; `undefined` for all of them. */
  readonly scope: string | undefined;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
}

/** What the books hold for one group; groups nobody named are `-`. */
export interface GroupSpend {
  readonly name: string;
  /** Paid starts. */
  readonly jobs: number;
  readonly done: number;
  readonly failed: number;
  /** Of the jobs, how many have a known bill; the others count with their estimate. */
  readonly billed: number;
  readonly credits: Credits;
  /** Of the credits, what went to failed jobs. */
  readonly failedCredits: Credits;
  /** Video of the jobs, microseconds. */
  readonly durationUs: number;
  /** Clips that were delivered without paying, because the same work had been paid before. */
  readonly savedClips: number;
  readonly savedCredits: Credits;
}

type Saved = Pick<GroupSpend, 'name' | 'savedClips' | 'savedCredits'>;

export function spendBy(sql: Sql, { by, scope, sinceMs }: SpendQuery): readonly GroupSpend[] {
  const path = typeof by === 'object' ? `$."${by.tag}"` : '';
  const paid = prepared(
    sql,
    `SELECT COALESCE(${groupOfJob(by)}, '-') AS name, COUNT(*) AS jobs,
         SUM(state IN ('verified', 'done')) AS done, SUM(state = 'failed') AS failed,
         COUNT(b.billed) AS billed, SUM(COALESCE(b.billed, estimate)) AS credits,
         SUM(CASE WHEN state = 'failed' THEN COALESCE(b.billed, estimate) ELSE 0 END)
           AS failedCredits,
         SUM(duration_us) AS durationUs, 0 AS savedClips, 0 AS savedCredits
       FROM job j LEFT JOIN booking b USING (key)
       WHERE started_at >= :since AND (:scope IS NULL OR j.scope = :scope) AND :path IS NOT NULL
       GROUP BY 1 ORDER BY 1`,
  ).all({ since: sinceMs, scope: scope ?? null, path }) as GroupSpend[];
  const saved = prepared(
    sql,
    `SELECT COALESCE(${groupOfClip(by)}, '-') AS name, COUNT(*) AS savedClips,
         SUM(j.estimate) AS savedCredits
       FROM run_clip c JOIN run r ON r.id = c.run_id JOIN job j ON j.key = c.key
       WHERE c.status = 'done' AND c.detail = 'reused' AND r.started_at >= :since
         AND (:scope IS NULL OR r.scope = :scope) AND :path IS NOT NULL
       GROUP BY 1`,
  ).all({ since: sinceMs, scope: scope ?? null, path }) as Saved[];
  const groups = new Map(paid.map((group) => [group.name, group]));
  for (const group of saved)
    groups.set(group.name, { ...NOTHING, ...groups.get(group.name), ...group });
  return [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const NOTHING = {
  ...{ jobs: 0, done: 0, failed: 0, billed: 0, durationUs: 0 },
  credits: 0 as Credits,
  failedCredits: 0 as Credits,
};

function groupOfJob(by: SpendGroup): string {
  if (typeof by === 'object') return 'json_extract(b.tags, :path)';
  const columns = { model: 'model', run: 'b.run_id', profile: 'b.profile' };
  return by === 'day' ? "date(started_at / 1000, 'unixepoch')" : columns[by];
}

function groupOfClip(by: SpendGroup): string {
  if (typeof by === 'object') return 'json_extract(c.tags, :path)';
  const columns = { model: 'r.model', run: 'r.id', profile: 'r.profile' };
  return by === 'day' ? "date(r.started_at / 1000, 'unixepoch')" : columns[by];
}

/** A paid start as it stands in the books. */
export interface BookedJob {
  readonly key: string;
  readonly jobId: string;
  readonly model: Model;
  readonly state: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Microseconds of video. */
  readonly durationUs: number;
  /** Credits a minute at the time of the start. */
  readonly rate: Credits;
  readonly estimate: Credits;
  /** `undefined` until the service said what it charged. */
  readonly billed: Credits | undefined;
}

/**
 * The paid starts of an account space, newest first. Adopted ones, whose price nobody knows, are
 * left out.
 */
export function bookedJobs(sql: Sql, scope: string, sinceMs: number): readonly BookedJob[] {
  const rows = prepared(
    sql,
    `SELECT j.key, job_id AS jobId, model, state, started_at AS startedAt,
         duration_us AS durationUs, rate, estimate, b.billed
       FROM job j JOIN booking b USING (key)
       WHERE j.scope = ? AND started_at >= ? ORDER BY started_at DESC`,
  ).all(scope, sinceMs) as (Omit<BookedJob, 'billed'> & { readonly billed: Credits | null })[];
  return rows.map((row) => ({ ...row, billed: row.billed ?? undefined }));
}

/** Work that has ended and whose bill is not known, by the service's job id. */
export function unbilledJobs(sql: Sql, scope: string): ReadonlyMap<string, string> {
  const rows = prepared(
    sql,
    `SELECT job_id, key FROM booking b JOIN job j USING (key)
       WHERE b.scope = ? AND b.billed IS NULL
         AND state IN ('processed', 'verified', 'done', 'failed')`,
  ).all(scope) as { readonly job_id: string; readonly key: string }[];
  return new Map(rows.map((row) => [row.job_id, row.key]));
}

/** Enough to tell how a service rounds, few enough to notice when it begins to round otherwise. */
const LATEST_BILLS = 200;

/** The latest bills of work that succeeded, with what they can be compared with. */
export function latestBills(
  sql: Sql,
  scope: string,
): readonly Pick<BookedJob & { readonly billed: Credits }, 'durationUs' | 'rate' | 'billed'>[] {
  return prepared(
    sql,
    `SELECT duration_us AS durationUs, rate, b.billed FROM job j JOIN booking b USING (key)
       WHERE j.scope = ? AND b.billed IS NOT NULL AND state IN ('processed', 'verified', 'done')
       ORDER BY started_at DESC LIMIT ${LATEST_BILLS}`,
  ).all(scope) as ReturnType<typeof latestBills>;
}

/** What the starts of one run came to. */
export interface RunBill {
  readonly jobs: number;
  /** Of those, how many have a known bill. */
  readonly billedJobs: number;
  readonly billed: Credits;
  /** What those with a bill had been estimated at. */
  readonly estimated: Credits;
  /** Worst cases still reserved for the others. */
  readonly held: Credits;
}

export function runBill(sql: Sql, runId: string): RunBill {
  return prepared(
    sql,
    `SELECT COUNT(*) AS jobs, COUNT(b.billed) AS billedJobs, COALESCE(SUM(b.billed), 0) AS billed,
         COALESCE(SUM(CASE WHEN b.billed IS NOT NULL THEN estimate END), 0) AS estimated,
         COALESCE(SUM(CASE WHEN b.billed IS NULL THEN held END), 0) AS held
       FROM booking b JOIN job USING (key) WHERE b.run_id = ?`,
  ).get(runId) as RunBill;
}
