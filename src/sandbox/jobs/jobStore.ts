import { openAppendLog } from '../disk/appendLog.ts';
import type { DataFolder } from '../disk/dataFolder.ts';
import type { Charge } from './charge.ts';
import { applyEvent, type Job, type JobEvent } from './job.ts';

/** The jobs of one data folder: in memory to be read, in a journal to survive. */
export interface JobStore {
  get(jobId: string): Job | undefined;
  /** In the order of creation. */
  all(): IterableIterator<Job>;
  /** Ids of one key's jobs in the order of creation. */
  idsOf(key: string): readonly string[];
  /** Every charge and refund ever made, oldest first. */
  readonly charges: readonly Charge[];
  /** Makes events durable, then visible, and writes their charges to the charge ledger. */
  record(events: readonly JobEvent[]): Promise<void>;
  /** Runs decisions about one job one after another: read and record are then one step. */
  inTurn<T>(jobId: string, decide: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens the journal and plays it back. The journal is the truth and is synced to disk at each step;
 * `charges.jsonl` repeats its charges for people and judges, and lines that a crash kept from it
 * are added here.
 */
export async function openJobStore(folder: DataFolder): Promise<JobStore> {
  const journal = await openAppendLog<JobEvent>(folder.journalPath, true);
  const ledger = await openAppendLog<Charge>(folder.chargesPath, false);
  const jobs = new Map<string, Job>();
  const idsByKey = new Map<string, string[]>();
  const charges: Charge[] = [];
  const turns = new Map<string, Promise<unknown>>();

  function apply(event: JobEvent): void {
    jobs.set(event.jobId, applyEvent(jobs.get(event.jobId), event));
    if (event.type === 'created') {
      const ids = idsByKey.get(event.key);
      if (ids === undefined) idsByKey.set(event.key, [event.jobId]);
      else ids.push(event.jobId);
    } else if (event.charge !== undefined) charges.push(event.charge);
  }

  for (const event of journal.entries) apply(event);
  const written = new Set(ledger.entries.map(lineId));
  await ledger.log.append(charges.filter((charge) => !written.has(lineId(charge))));

  return {
    get: (jobId) => jobs.get(jobId),
    all: () => jobs.values(),
    idsOf: (key) => idsByKey.get(key) ?? [],
    charges,
    async record(events) {
      await journal.log.append(events);
      for (const event of events) apply(event);
      const charged = events.flatMap((event) =>
        event.type === 'created' || event.charge === undefined ? [] : [event.charge],
      );
      if (charged.length > 0) await ledger.log.append(charged);
    },
    async inTurn(jobId, decide) {
      const before = turns.get(jobId) ?? Promise.resolve();
      const mine = before.then(decide, decide);
      turns.set(jobId, mine);
      try {
        return await mine;
      } finally {
        if (turns.get(jobId) === mine) turns.delete(jobId);
      }
    },
    async close() {
      await journal.log.close();
      await ledger.log.close();
    },
  };
}

function lineId(charge: Charge): string {
  return `${charge.job_id} ${String(charge.seq)}`;
}
