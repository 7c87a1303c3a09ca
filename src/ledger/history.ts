import type { JobEvent } from '../core/job.ts';
import { prepared, type Sql } from './openDatabase.ts';

/** An event of a job as the ledger keeps it. */
export interface RecordedEvent {
  readonly key: string;
  /** The run that it happened in. */
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: JobEvent;
}

interface EventRow {
  readonly key: string;
  readonly run_id: string;
  readonly at: number;
  readonly detail: string;
}

/** What happened to the work behind a run's clips, in this run and in others, oldest first. */
export function eventsOfRun(sql: Sql, runId: string): readonly RecordedEvent[] {
  const rows = prepared(
    sql,
    `SELECT key, run_id, at, detail FROM job_event
       WHERE key IN (SELECT key FROM run_clip WHERE run_id = ?) ORDER BY seq`,
  ).all(runId) as EventRow[];
  return rows.map(({ key, run_id, at, detail }) => {
    return { key, runId: run_id, at, event: JSON.parse(detail) as JobEvent };
  });
}
