import type { Caps } from '../core/budget.ts';
import type { Mended } from '../core/clip.ts';
import type { Credits } from '../core/credits.ts';
import type { OutputRecord } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import { sameSettings, type JobSettings } from '../core/settings.ts';
import type { Tags } from '../core/tags.ts';
import { prepared, type Sql } from './openDatabase.ts';

export interface NewRun {
  readonly id: string;
  readonly profile: string;
  readonly scope: string;
  readonly settings: JobSettings;
  readonly outputDir: string;
  readonly clientVersion: string;
  readonly estimate: Credits;
  /** The most that this run may reserve; enforced by the database. Default: no limit. */
  readonly caps?: Caps;
  readonly clips: readonly {
    readonly path: string;
    readonly relativePath: string;
    /** `undefined` for a rejected one. */
    readonly wantedPath: string | undefined;
    /** Default: those of the run. */
    readonly settings?: JobSettings;
    readonly tags?: Tags;
    readonly mended?: Mended | undefined;
  }[];
}

/** One run as `rbgv status` lists it. */
export interface RunSummary {
  readonly id: string;
  readonly profile: string;
  readonly scope: string;
  /** Of the clips that have none of their own. */
  readonly settings: JobSettings;
  /** Some clips have settings of their own. */
  readonly isMixed: boolean;
  readonly outputDir: string;
  readonly clips: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** `undefined` while it runs, or when its process was killed. */
  readonly finishedAt: number | undefined;
  readonly exitCode: number | undefined;
  readonly done: number;
  readonly failed: number;
  readonly rejected: number;
  /** Booked in this run: estimates of the starts that it paid. */
  readonly credits: Credits;
}

/** One clip of a run as `rbgv status` lists it. */
export interface RunClip {
  readonly path: string;
  readonly relativePath: string;
  /** Where its output was to go; `undefined` for a rejected one. */
  readonly wantedPath: string | undefined;
  /** The outcome's status, or `open` while none is known. */
  readonly status: Outcome['status'] | 'open';
  /** State of the paid work behind it; `undefined` when it never got that far. */
  readonly jobState: string | undefined;
  readonly jobId: string | undefined;
  /** Names the paid work behind it; two clips of the same bytes share it. */
  readonly key: string | undefined;
  /** Why it is not done, for programs. */
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly outputPath: string | undefined;
  /** The bytes that were checked and published. */
  readonly output: OutputRecord | undefined;
  readonly durationSeconds: number | undefined;
  /** When its work was first written down; milliseconds since the epoch. */
  readonly createdAt: number | undefined;
  readonly credits: Credits;
  /** What the work was estimated at, whoever paid for it; `undefined` where nobody knows. */
  readonly price: Credits | undefined;
  readonly settings: JobSettings;
  readonly tags: Tags;
  /** Set when the file is a copy that rbgv made. */
  readonly mended: Mended | undefined;
}

export function insertRun(sql: Sql, run: NewRun, now: number): void {
  sql.exec('BEGIN IMMEDIATE');
  try {
    prepared(
      sql,
      `INSERT INTO run (id, profile, scope, model, settings, output_dir, client_version, estimate,
           run_cap, day_cap, month_cap, clips, started_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      run.id,
      run.profile,
      run.scope,
      run.settings.model,
      JSON.stringify(run.settings),
      run.outputDir,
      run.clientVersion,
      run.estimate,
      run.caps?.run ?? null,
      run.caps?.day ?? null,
      run.caps?.month ?? null,
      run.clips.length,
      now,
    );
    const insert = prepared(
      sql,
      `INSERT INTO run_clip (run_id, ordinal, path, relative_path, wanted_path, tags, settings,
           mended)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const [ordinal, clip] of run.clips.entries()) {
      const { path, relativePath, wantedPath = null, settings = run.settings, tags = {} } = clip;
      const own = sameSettings(settings, run.settings) ? null : JSON.stringify(settings);
      const mended = clip.mended === undefined ? null : JSON.stringify(clip.mended);
      const place = [run.id, ordinal, path, relativePath, wantedPath];
      insert.run(...place, JSON.stringify(tags), own, mended);
    }
    sql.exec('COMMIT');
  } catch (error) {
    sql.exec('ROLLBACK');
    throw error;
  }
}

export function finishRun(sql: Sql, runId: string, exitCode: number, now: number): void {
  prepared(sql, 'UPDATE run SET finished_at = ?, exit_code = ? WHERE id = ?').run(
    now,
    exitCode,
    runId,
  );
}

export function setRunClipKey(
  sql: Sql,
  runId: string,
  path: string,
  wantedPath: string,
  key: string,
): void {
  prepared(
    sql,
    'UPDATE run_clip SET key = ? WHERE run_id = ? AND path = ? AND wanted_path = ?',
  ).run(key, runId, path, wantedPath);
}

export function setRunClipOutcome(
  sql: Sql,
  runId: string,
  outcome: Outcome,
  wantedPath: string | undefined,
): void {
  prepared(
    sql,
    `UPDATE run_clip SET status = ?, code = ?, detail = ?, output_path = ?, credits = ?
       WHERE run_id = ? AND path = ? AND wanted_path IS ?`,
  ).run(
    outcome.status,
    outcome.status === 'done' ? null : outcome.code,
    outcome.status === 'done' ? (outcome.reused ? 'reused' : null) : outcome.reason,
    outcome.status === 'done' ? outcome.outputPath : null,
    outcome.credits,
    runId,
    outcome.path,
    wantedPath ?? null,
  );
}

interface RunRow {
  readonly id: string;
  readonly profile: string;
  readonly scope: string;
  readonly settings: string;
  readonly output_dir: string;
  readonly clips: number;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly exit_code: number | null;
  readonly done: number | null;
  readonly failed: number | null;
  readonly rejected: number | null;
  readonly mixed: number | null;
  readonly credits: number | null;
}

/** The latest runs, newest first. */
export function latestRuns(sql: Sql, limit: number): readonly RunSummary[] {
  const rows = prepared(
    sql,
    `SELECT run.*, SUM(c.status = 'done') AS done, SUM(c.status = 'failed') AS failed,
         SUM(c.status = 'rejected') AS rejected, COUNT(c.settings) AS mixed, SUM(c.credits) AS credits
       FROM run LEFT JOIN run_clip c ON c.run_id = run.id
       GROUP BY run.id ORDER BY run.started_at DESC, run.id DESC LIMIT ?`,
  ).all(limit) as RunRow[];
  return rows.map((row) => ({
    id: row.id,
    profile: row.profile,
    scope: row.scope,
    settings: JSON.parse(row.settings) as JobSettings,
    isMixed: (row.mixed ?? 0) > 0,
    outputDir: row.output_dir,
    clips: row.clips,
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
    exitCode: row.exit_code ?? undefined,
    done: row.done ?? 0,
    failed: row.failed ?? 0,
    rejected: row.rejected ?? 0,
    credits: (row.credits ?? 0) as Credits,
  }));
}

interface RunClipRow {
  readonly path: string;
  readonly relative_path: string;
  readonly wanted_path: string | null;
  readonly status: RunClip['status'];
  readonly state: string | null;
  readonly job_id: string | null;
  readonly key: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly output_path: string | null;
  readonly output_sha256: string | null;
  readonly output_size: number | null;
  readonly duration_us: number | null;
  readonly created_at: number | null;
  readonly credits: number;
  readonly price: number | null;
  readonly settings: string;
  readonly tags: string;
  readonly mended: string | null;
}

/** The clips of a run, in the order of its plan. */
export function clipsOfRun(sql: Sql, runId: string): readonly RunClip[] {
  const rows = prepared(
    sql,
    `SELECT c.path, c.relative_path, c.wanted_path, c.status, c.key, c.code, c.detail,
         c.output_path, c.credits, c.tags, c.mended, j.state, j.job_id, j.output_sha256, j.output_size,
         j.duration_us, j.created_at, j.estimate AS price, COALESCE(c.settings, r.settings) AS settings
       FROM run_clip c JOIN run r ON r.id = c.run_id LEFT JOIN job j ON j.key = c.key
       WHERE c.run_id = ? ORDER BY c.ordinal`,
  ).all(runId) as RunClipRow[];
  return rows.map((row) => ({
    path: row.path,
    relativePath: row.relative_path,
    wantedPath: row.wanted_path ?? undefined,
    status: row.status,
    jobState: row.state ?? undefined,
    jobId: row.job_id ?? undefined,
    key: row.key ?? undefined,
    code: row.code ?? undefined,
    detail: row.detail ?? undefined,
    outputPath: row.output_path ?? undefined,
    output: outputOf(row),
    durationSeconds: durationOf(row),
    createdAt: row.created_at ?? undefined,
    credits: row.credits as Credits,
    price:
      durationOf(row) === undefined ? undefined : ((row.price ?? undefined) as Credits | undefined),
    settings: JSON.parse(row.settings) as JobSettings,
    tags: JSON.parse(row.tags) as Tags,
    mended: row.mended === null ? undefined : (JSON.parse(row.mended) as Mended),
  }));
}

/** An adopted job does not know how long its clip lasts. */
function durationOf({ duration_us }: RunClipRow): number | undefined {
  return duration_us === null || duration_us === 0 ? undefined : duration_us / 1e6;
}

function outputOf({ output_sha256, output_size }: RunClipRow): OutputRecord | undefined {
  if (output_sha256 === null || output_size === null) return undefined;
  return { sha256: output_sha256, sizeBytes: output_size };
}

/** Takes a run out of the list. What was paid in it stays known for ever. */
export function deleteRun(sql: Sql, runId: string): void {
  sql.exec('BEGIN IMMEDIATE');
  try {
    prepared(sql, 'DELETE FROM run_clip WHERE run_id = ?').run(runId);
    prepared(sql, 'DELETE FROM run WHERE id = ?').run(runId);
    sql.exec('COMMIT');
  } catch (error) {
    sql.exec('ROLLBACK');
    throw error;
  }
}
