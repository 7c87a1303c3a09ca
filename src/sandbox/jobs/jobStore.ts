import { openAppendLog, rewriteLog } from '../disk/appendLog.ts';
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
  /** The how-manieth job of this sandbox it is, from 1; 0 for an unknown one. */
  numberOf(jobId: string): number;
  /** Every charge and refund ever made, oldest first. */
  readonly charges: readonly Charge[];
  /**
   * Makes events durable, then visible, and writes their charges to the charge ledger.
   *
   * @param settle runs in the moment in which they become visible: nobody sees one without the other
   */
  record(events: readonly JobEvent[], settle?: () => void): Promise<void>;
  /** Runs decisions about one job one after another: read and record are then one step. */
  inTurn<T>(jobId: string, decide: () => Promise<T>): Promise<T>;
  /** Drops jobs from memory; the journal follows at the next opening. Charges stay. */
  forget(jobIds: ReadonlySet<string>): void;
  close(): Promise<void>;
}

/**
 * Opens the journal and plays it back. The journal is the truth and is synced to disk at each step;
 * `charges.jsonl` repeats its charges for people and judges, and lines that a crash kept from it
 * are added here. Jobs that are too old leave the journal, their charges stay in the ledger.
 */
export async function openJobStore(
  folder: DataFolder,
  isTooOld: (job: Job) => boolean,
): Promise<JobStore> {
  const memory = createMemory();
  const journal = await openAppendLog<JobEvent>(folder.journalPath, true);
  for (const event of journal.entries) memory.apply(event);

  const charges = await completeLedger(folder.chargesPath, journal.entries.flatMap(chargesOf));
  const old = new Set(
    Array.from(memory.jobs.values())
      .filter(isTooOld)
      .map(({ id }) => id),
  );
  let { log } = journal;
  if (old.size > 0) {
    await log.close();
    const kept = journal.entries.filter((event) => !old.has(event.jobId));
    await rewriteLog(folder.journalPath, kept);
    memory.forget(old);
    ({ log } = await openAppendLog<JobEvent>(folder.journalPath, true));
  }
  const ledger = await openAppendLog<Charge>(folder.chargesPath, false);
  const turns = new Map<string, Promise<unknown>>();

  return {
    get: (jobId) => memory.jobs.get(jobId),
    all: () => memory.jobs.values(),
    idsOf: (key) => memory.idsByKey.get(key) ?? [],
    numberOf: (jobId) => memory.numbers.get(jobId) ?? 0,
    forget: (jobIds) => memory.forget(jobIds),
    charges,
    async record(events, settle) {
      await log.append(events);
      for (const event of events) memory.apply(event);
      const charged = events.flatMap(chargesOf);
      charges.push(...charged);
      settle?.();
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
      await log.close();
      await ledger.log.close();
    },
  };
}

function createMemory() {
  const jobs = new Map<string, Job>();
  const idsByKey = new Map<string, string[]>();
  const numbers = new Map<string, number>();
  let created = 0;
  return {
    jobs,
    idsByKey,
    numbers,
    apply(event: JobEvent): void {
      jobs.set(event.jobId, applyEvent(jobs.get(event.jobId), event));
      if (event.type !== 'created') return;
      created += 1;
      numbers.set(event.jobId, created);
      const ids = idsByKey.get(event.key);
      if (ids === undefined) idsByKey.set(event.key, [event.jobId]);
      else ids.push(event.jobId);
    },
    forget(jobIds: ReadonlySet<string>): void {
      for (const id of jobIds) {
        jobs.delete(id);
        numbers.delete(id);
      }
      for (const [key, ids] of idsByKey) {
        idsByKey.set(
          key,
          ids.filter((id) => !jobIds.has(id)),
        );
      }
    },
  };
}

/** Adds what is missing from the ledger, and has the disk hold all of it. */
async function completeLedger(path: string, charges: readonly Charge[]): Promise<Charge[]> {
  const { log, entries } = await openAppendLog<Charge>(path, true);
  const written = new Set(entries.map(lineId));
  const missing = charges.filter((charge) => !written.has(lineId(charge)));
  await log.append(missing);
  await log.close();
  return [...entries, ...missing];
}

function chargesOf(event: JobEvent): readonly Charge[] {
  return 'charge' in event ? [event.charge] : [];
}

function lineId(charge: Charge): string {
  return `${charge.job_id} ${String(charge.seq)}`;
}
