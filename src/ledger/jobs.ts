import type { Clock } from '../core/clock.ts';
import type { Credits } from '../core/credits.ts';
import type { Tariff } from '../core/estimate.ts';
import { fold, type Job, type JobEvent } from '../core/job.ts';
import type { JobSettings } from '../core/settings.ts';
import { bookStarted, release, reserve, settle } from './bookings.ts';
import { prepared, type Sql } from './openDatabase.ts';

/** What is written down about a piece of work before anything is done for it. */
export interface NewJob {
  readonly key: string;
  readonly scope: string;
  readonly settings: JobSettings;
  readonly sourceSha256: string;
  /** 1 for the first paid attempt; a later one needs `consent`. */
  readonly generation: number;
  /** Why a later attempt may be paid; enforced by the database. */
  readonly consent: string | undefined;
  /** File name only: the ledger holds no path that the service could ever see. */
  readonly sourceName: string;
  readonly durationUs: number;
  /** Credits a minute at the time of planning. */
  readonly rate: Credits;
  readonly estimate: Credits;
  /** What is reserved before the start is sent. */
  readonly worstCase: Credits;
  readonly tariff: Pick<Tariff, 'source' | 'asOf'>;
}

interface JobRow {
  readonly key: string;
  readonly state: Job['state'];
  readonly start_tries: number;
  readonly session: string | null;
  readonly video_url: string | null;
  readonly job_id: string | null;
  readonly key_fingerprint: string | null;
  readonly reason: string | null;
  readonly billing_status: string | null;
  readonly output_sha256: string | null;
  readonly output_size: number | null;
}

/** Writes a job down; one that is known and was not started gets today's prices. */
export function ensureJob(sql: Sql, clock: Clock, job: NewJob): void {
  const now = clock.now();
  prepared(
    sql,
    `INSERT INTO job (key, scope, model, settings, source_sha256, generation, consent,
         source_name, duration_us, rate, estimate, worst_case, tariff_source, tariff_as_of,
         created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
       rate = excluded.rate, estimate = excluded.estimate, worst_case = excluded.worst_case,
       tariff_source = excluded.tariff_source, tariff_as_of = excluded.tariff_as_of
       WHERE started_at IS NULL`,
  ).run(
    job.key,
    job.scope,
    job.settings.model,
    JSON.stringify(job.settings),
    job.sourceSha256,
    job.generation,
    job.consent ?? null,
    job.sourceName,
    job.durationUs,
    job.rate,
    job.estimate,
    job.worstCase,
    job.tariff.source,
    job.tariff.asOf,
    now,
    now,
  );
}

/** A paid job of a ledger that was lost, as far as the service's list tells. */
export interface AdoptedJob {
  readonly key: string;
  readonly scope: string;
  readonly jobId: string;
  readonly keyFingerprint: string;
}

/** Writes down that a piece of work has been started already; what it cost is not known. */
export function adoptJob(sql: Sql, clock: Clock, job: AdoptedJob): void {
  const now = clock.now();
  prepared(
    sql,
    `INSERT INTO job (key, scope, model, settings, source_sha256, source_name, duration_us,
         rate, estimate, worst_case, tariff_source, tariff_as_of, state, start_tries, video_url,
         job_id, key_fingerprint, created_at, started_at, updated_at)
       VALUES (?, ?, 'adopted', '{}', '', '', 0, 0, 0, 0, 'adopted', '', 'started', 1, '', ?, ?, ?, ?, ?)`,
  ).run(job.key, job.scope, job.jobId, job.keyFingerprint, now, now, now);
}

/** `undefined` when no such work was ever written down. */
export function findJob(sql: Sql, key: string): Job | undefined {
  const row = prepared(sql, 'SELECT * FROM job WHERE key = ?').get(key) as JobRow | undefined;
  return row === undefined ? undefined : jobFromRow(row);
}

/**
 * Folds an event into a job and makes both durable in one transaction, and with them what the event
 * does to the books. When it returns, the disk has it.
 *
 * @throws OverBudget when a start's worst case does not fit below a cap of its run
 */
export function appendEvent(sql: Sql, clock: Clock, runId: string, job: Job, event: JobEvent): Job {
  const next = fold(job, event);
  const now = clock.now();
  const columns = columnsOf(next);
  sql.exec('BEGIN IMMEDIATE');
  try {
    if (event.type === 'start_intended') reserve(sql, runId, job.key, now);
    if (event.type === 'started') bookStarted(sql, runId, job.key, now);
    const changed = prepared(
      sql,
      `UPDATE job SET state = ?, start_tries = ?, session = ?, video_url = ?, job_id = ?,
           key_fingerprint = ?, reason = ?, billing_status = ?, output_sha256 = ?, output_size = ?, updated_at = ?,
           started_at = CASE WHEN ? THEN COALESCE(started_at, ?) ELSE started_at END
         WHERE key = ? AND state = ? AND owner IS ?`,
    ).run(
      columns.state,
      columns.start_tries,
      columns.session,
      columns.video_url,
      columns.job_id,
      columns.key_fingerprint,
      columns.reason,
      columns.billing_status,
      columns.output_sha256,
      columns.output_size,
      now,
      event.type === 'started' ? 1 : 0,
      now,
      job.key,
      job.state,
      runId,
    );
    if (changed.changes !== 1) {
      throw new Error(`job ${job.key} was changed by another process`);
    }
    if (event.type === 'start_refused') release(sql, job.key);
    if ((event.type === 'processed' || event.type === 'failed') && event.billed !== undefined) {
      settle(sql, job.key, event.billed);
    }
    prepared(
      sql,
      'INSERT INTO job_event (key, run_id, at, type, detail) VALUES (?, ?, ?, ?, ?)',
    ).run(job.key, runId, now, event.type, JSON.stringify(event));
    sql.exec('COMMIT');
  } catch (error) {
    sql.exec('ROLLBACK');
    throw error;
  }
  return next;
}

/**
 * Makes a run the only one that works a job. A job whose last owner has ended, cleanly or not, is
 * free to take.
 *
 * @param isRunning whether the process behind a run is still alive
 * @returns the run that is at work on it when it is not ours
 */
export function claimJob(
  sql: Sql,
  key: string,
  runId: string,
  isRunning: (runId: string) => boolean,
): { readonly ownedBy: string } | undefined {
  sql.exec('BEGIN IMMEDIATE');
  try {
    const { owner } = prepared(sql, 'SELECT owner FROM job WHERE key = ?').get(key) as {
      owner: string | null;
    };
    if (owner !== null && owner !== runId && isRunning(owner)) {
      sql.exec('ROLLBACK');
      return { ownedBy: owner };
    }
    prepared(sql, 'UPDATE job SET owner = ? WHERE key = ?').run(runId, key);
    sql.exec('COMMIT');
    return undefined;
  } catch (error) {
    if (sql.inTransaction) sql.exec('ROLLBACK');
    throw error;
  }
}

function columnsOf(job: Job): JobRow {
  return {
    key: job.key,
    state: job.state,
    start_tries: job.startTries,
    session: job.state === 'starting' ? job.session : null,
    video_url: 'videoUrl' in job ? job.videoUrl : null,
    job_id: 'jobId' in job ? job.jobId : null,
    key_fingerprint: 'keyFingerprint' in job ? job.keyFingerprint : null,
    reason: job.state === 'failed' ? job.reason : null,
    billing_status: job.state === 'failed' ? (job.billingStatus ?? null) : null,
    output_sha256: 'output' in job ? job.output.sha256 : null,
    output_size: 'output' in job ? job.output.sizeBytes : null,
  };
}

function jobFromRow(row: JobRow): Job {
  const { key, start_tries: startTries, state } = row;
  if (state === 'planned') return { key, startTries, state };
  const videoUrl = present(row.video_url);
  if (state === 'uploaded') return { key, startTries, state, videoUrl };
  const server = {
    key,
    startTries,
    videoUrl,
    jobId: present(row.job_id),
    keyFingerprint: present(row.key_fingerprint),
  };
  switch (state) {
    case 'starting':
      return { ...server, state, session: present(row.session) };
    case 'failed':
      return {
        ...server,
        state,
        reason: present(row.reason),
        billingStatus: row.billing_status ?? undefined,
      };
    case 'verified':
    case 'done': {
      const sha256 = present(row.output_sha256);
      return { ...server, state, output: { sha256, sizeBytes: present(row.output_size) } };
    }
    default:
      return { ...server, state };
  }
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('the ledger lacks a value that its state promises');
  return value;
}
