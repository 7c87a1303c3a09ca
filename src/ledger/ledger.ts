import { join } from 'node:path';

import {
  periodNames,
  type BudgetAlert,
  type BudgetUse,
  type OverBudget,
  type WalletUse,
} from '../core/budget.ts';
import type { Clock } from '../core/clock.ts';
import type { Credits } from '../core/credits.ts';
import type { Job, JobEvent } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Spend, WalletEntry } from '../core/wallet.ts';
import {
  adoptJob,
  appendEvent,
  claimJob,
  ensureJob,
  findJob,
  type AdoptedJob,
  type NewJob,
} from './jobs.ts';
import { eventsOfRun, type RecordedEvent } from './history.ts';
import { addJobTime, jobTimes } from './jobTimes.ts';
import { countSteps, openDatabase, prepared } from './openDatabase.ts';
import { isLockHeld, takeLock } from './processLock.ts';
import {
  clipsOfRun,
  deleteRun,
  finishRun,
  insertRun,
  latestRuns,
  setRunClipKey,
  setRunClipOutcome,
  type NewRun,
  type RunClip,
  type RunSummary,
} from './runs.ts';
import { budgetUse, newAlerts, settle, shortOf, usedIn } from './bookings.ts';
import {
  bookedJobs,
  latestBills,
  runBill,
  spendBy,
  spendByDay,
  unbilledJobs,
  type BookedJob,
  type DaySpend,
  type GroupSpend,
  type RunBill,
  type SpendQuery,
} from './spend.ts';
import { translateErrors } from './translateErrors.ts';
import { addWalletEntry, spends, walletEntries } from './wallet.ts';
import { openWitness } from './witness.ts';

/** A file published for a job, under the path that the plan had wanted. */
export interface Delivery {
  /** Where it is: another name than wanted when that one was taken by a file of the user's. */
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Identifies the bytes of a file without reading them again. */
export interface FileStamp {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly inode: string;
}

/**
 * rbgv's memory of what has been paid, sent and delivered: one SQLite file for the whole user. It
 * holds no API key and no signed URL.
 */
export interface Ledger {
  /** Begins a run; its lock lives until `finishRun` or the end of the process. */
  startRun(run: NewRun): void;
  finishRun(runId: string, exitCode: number): void;
  runs(limit: number): readonly RunSummary[];
  /** Takes a run out of the list; what was paid in it stays known. */
  forgetRun(runId: string): void;
  /** Whether the process behind a run is alive. */
  isRunning(runId: string): boolean;
  clips(runId: string): readonly RunClip[];
  /** What happened to the work behind a run's clips, in this run and in others, oldest first. */
  events(runId: string): readonly RecordedEvent[];
  /** A run may hold a file more than once, each time with an output of its own. */
  setClipKey(runId: string, path: string, wantedPath: string, key: string): void;
  /** @param wantedPath `undefined` for a rejected clip */
  setClipOutcome(runId: string, outcome: Outcome, wantedPath: string | undefined): void;
  /** What `write` writes becomes durable together, or not at all; it must not wait for anything. */
  inOneCommit(write: () => void): void;

  /** Writes a job down unless it is known. */
  ensureJob(job: NewJob): void;
  /** Writes down a paid job that another ledger had started. */
  adopt(job: AdoptedJob): void;
  /** Whether nothing was ever written down for this account space. */
  isEmpty(scope: string): boolean;
  /** `undefined` when no such work was ever written down. */
  job(key: string): Job | undefined;
  /**
   * Durable when it returns. An intent to start reserves its worst case; a refusal gives it back.
   *
   * @throws OverBudget when a start does not fit below a cap of its run; nothing is written then
   */
  append(runId: string, job: Job, event: JobEvent): Job;
  /** @returns the other run that is at work on it, if one is */
  claim(key: string, runId: string): { readonly ownedBy: string } | undefined;

  delivery(key: string, wantedPath: string): Delivery | undefined;
  deliveries(key: string): readonly Delivery[];
  /** Everything that was ever published in a scope, by path. */
  allDeliveries(scope: string): readonly Delivery[];
  recordDelivery(key: string, wantedPath: string, delivery: Delivery): void;

  /** Something learned about a server, such as its word for drafts. */
  fact(scope: string, name: string): string | undefined;
  setFact(scope: string, name: string, value: string): void;

  /** Times of the latest jobs of a model, as multiples of their clips' lengths; at most 200. */
  jobTimes(scope: string, model: string): readonly number[];
  addJobTime(scope: string, model: string, ratio: number): void;

  cachedHash(stamp: FileStamp): string | undefined;
  storeHash(stamp: FileStamp, sha256: string): void;

  /** Spending by UTC day, model and state since a moment; milliseconds since the epoch. */
  spend(scope: string, sinceMs: number): readonly DaySpend[];
  spendBy(query: SpendQuery): readonly GroupSpend[];
  /** Paid starts since a moment, newest first; milliseconds since the epoch. */
  bookedJobs(scope: string, sinceMs: number): readonly BookedJob[];
  /** The latest bills of work that succeeded, with what they can be compared with. */
  latestBills(scope: string): ReturnType<typeof latestBills>;
  runBill(runId: string): RunBill;
  /** Work that has ended and whose bill is not known: its key by the service's job id. */
  unbilled(scope: string): ReadonlyMap<string, string>;
  /** Ids at the service of every job that was ever written down. */
  knownJobIds(scope: string): ReadonlySet<string>;
  /** Puts the bill in the place of a worst case. */
  settle(key: string, billed: Credits): void;
  /** Spent or reserved today and this month, by UTC. */
  used(scope: string): { readonly day: Credits; readonly month: Credits };
  /** How far each capped period of a run is used up. */
  budget(runId: string): readonly BudgetUse[];
  /** Why a job's worst case would not fit now below the caps of a run. */
  shortOf(runId: string, key: string): OverBudget | undefined;
  /** Levels of a run's budgets and the wallet, in percent, nobody has told of yet; told from now on. */
  newAlerts(runId: string, levels: readonly number[], wallet?: WalletUse): readonly BudgetAlert[];
  /** Every paid start, oldest first. */
  spends(scope: string): readonly Spend[];
  /** What the user wrote down about bought credits, oldest first. */
  walletEntries(scope: string): readonly WalletEntry[];
  addWalletEntry(scope: string, entry: WalletEntry): void;
  close(): void;
}

/**
 * Opens the ledger in a state directory.
 *
 * @param options.rebuild goes on without a ledger, or without its latest steps, where one was
 *   before: for `rbgv adopt`, which asks the service instead
 * @throws RbgvError of category `ledger` when it is gone, damaged, newer or cannot be written
 */
export function openLedger(
  stateDir: string,
  clock: Clock,
  options: { readonly rebuild?: boolean } = {},
): Ledger {
  const witness = openWitness(stateDir);
  const rebuild = options.rebuild ?? false;
  const sql = openDatabase(join(stateDir, 'ledger.db'), rebuild ? 0 : witness.steps);
  if (rebuild) witness.note(countSteps(sql));
  const lockPath = (runId: string): string => join(stateDir, 'runs', `${runId}.lock`);
  const ownLocks = new Map<string, { discard(): void }>();
  const isRunning = (runId: string): boolean => ownLocks.has(runId) || isLockHeld(lockPath(runId));

  return translateErrors<Ledger>({
    startRun(run) {
      const lock = takeLock(lockPath(run.id));
      if (lock === undefined) throw new Error(`run ${run.id} exists already`);
      ownLocks.set(run.id, lock);
      insertRun(sql, run, clock.now());
    },
    finishRun(runId, exitCode) {
      finishRun(sql, runId, exitCode, clock.now());
      ownLocks.get(runId)?.discard();
      ownLocks.delete(runId);
    },
    runs: (limit) => latestRuns(sql, limit),
    forgetRun: (runId) => deleteRun(sql, runId),
    isRunning,
    clips: (runId) => clipsOfRun(sql, runId),
    events: (runId) => eventsOfRun(sql, runId),
    setClipKey: (...clip) => setRunClipKey(sql, ...clip),
    setClipOutcome: (...clip) => setRunClipOutcome(sql, ...clip),

    inOneCommit(write) {
      sql.exec('BEGIN IMMEDIATE');
      try {
        write();
        sql.exec('COMMIT');
      } catch (error) {
        sql.exec('ROLLBACK');
        throw error;
      }
    },

    ensureJob: (job) => ensureJob(sql, clock, job),
    adopt: (job) => adoptJob(sql, clock, job),
    isEmpty: (scope) => prepared(sql, 'SELECT 1 FROM job WHERE scope = ?').get(scope) === undefined,
    job: (key) => findJob(sql, key),
    append(runId, job, event) {
      const next = appendEvent(sql, clock, runId, job, event);
      witness.note(countSteps(sql));
      return next;
    },
    claim: (key, runId) => claimJob(sql, key, runId, isRunning),
    delivery(key, wantedPath) {
      const row = prepared(
        sql,
        'SELECT path, sha256, size FROM delivery WHERE key = ? AND wanted_path = ?',
      ).get(key, wantedPath);
      return row === undefined ? undefined : deliveryOf(row as DeliveryRow);
    },
    deliveries(key) {
      const rows = prepared(
        sql,
        'SELECT path, sha256, size FROM delivery WHERE key = ? ORDER BY at DESC',
      ).all(key);
      return (rows as DeliveryRow[]).map(deliveryOf);
    },
    allDeliveries(scope) {
      const rows = prepared(
        sql,
        `SELECT d.path, d.sha256, d.size FROM delivery d JOIN job j ON j.key = d.key
           WHERE j.scope = ? ORDER BY d.path`,
      ).all(scope);
      return (rows as DeliveryRow[]).map(deliveryOf);
    },
    recordDelivery(key, wantedPath, { path, sha256, sizeBytes }) {
      prepared(
        sql,
        `INSERT INTO delivery (key, wanted_path, path, sha256, size, at)
           VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key, wanted_path) DO UPDATE SET
           path = excluded.path, sha256 = excluded.sha256, size = excluded.size, at = excluded.at`,
      ).run(key, wantedPath, path, sha256, sizeBytes, clock.now());
    },

    fact(scope, name) {
      const row = prepared(sql, 'SELECT value FROM fact WHERE scope = ? AND name = ?');
      return (row.get(scope, name) as { value: string } | undefined)?.value;
    },
    setFact(scope, name, value) {
      prepared(
        sql,
        `INSERT INTO fact (scope, name, value) VALUES (?, ?, ?)
           ON CONFLICT (scope, name) DO UPDATE SET value = excluded.value`,
      ).run(scope, name, value);
    },

    jobTimes: (scope, model) => jobTimes(sql, scope, model),
    addJobTime: (scope, model, ratio) => addJobTime(sql, scope, model, ratio),

    cachedHash({ path, sizeBytes, mtimeMs, inode }) {
      const row = prepared(
        sql,
        `SELECT sha256 FROM hash_cache
           WHERE path = ? AND size = ? AND mtime_ms = ? AND inode = ?`,
      ).get(path, sizeBytes, mtimeMs, inode);
      return (row as { sha256: string } | undefined)?.sha256;
    },
    storeHash({ path, sizeBytes, mtimeMs, inode }, sha256) {
      prepared(
        sql,
        `INSERT INTO hash_cache (path, size, mtime_ms, inode, sha256) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (path) DO UPDATE SET size = excluded.size, mtime_ms = excluded.mtime_ms,
           inode = excluded.inode, sha256 = excluded.sha256`,
      ).run(path, sizeBytes, mtimeMs, inode, sha256);
    },

    spend: (scope, sinceMs) => spendByDay(sql, scope, sinceMs),
    spendBy: (query) => spendBy(sql, query),
    bookedJobs: (scope, sinceMs) => bookedJobs(sql, scope, sinceMs),
    latestBills: (scope) => latestBills(sql, scope),
    runBill: (runId) => runBill(sql, runId),
    unbilled: (scope) => unbilledJobs(sql, scope),
    knownJobIds(scope) {
      const rows = prepared(
        sql,
        'SELECT job_id AS id FROM job WHERE scope = ? AND job_id IS NOT NULL',
      );
      return new Set((rows.all(scope) as { id: string }[]).map((row) => row.id));
    },
    settle: (key, billed) => settle(sql, key, billed),
    used(scope) {
      const { day, month } = periodNames('', clock.now());
      return { day: usedIn(sql, scope, 'day', day), month: usedIn(sql, scope, 'month', month) };
    },
    budget: (runId) => budgetUse(sql, runId, clock.now()),
    shortOf: (runId, key) => shortOf(sql, runId, key, clock.now()),
    newAlerts: (runId, levels, wallet) => newAlerts(sql, runId, levels, wallet, clock.now()),
    spends: (scope) => spends(sql, scope),
    walletEntries: (scope) => walletEntries(sql, scope),
    addWalletEntry: (scope, entry) => addWalletEntry(sql, scope, entry),
    close() {
      for (const lock of ownLocks.values()) lock.discard();
      witness.close();
      sql.close();
    },
  });
}

interface DeliveryRow {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

function deliveryOf({ path, sha256, size }: DeliveryRow): Delivery {
  return { path, sha256, sizeBytes: size };
}
