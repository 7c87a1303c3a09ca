import { fork } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { systemClock } from '../../src/core/clock.ts';
import { credits } from '../../src/core/credits.ts';
import { ImpossibleTransition, type Job, type JobEvent } from '../../src/core/job.ts';
import type { JobSettings } from '../../src/core/settings.ts';
import { refuseSharedFileSystem } from '../../src/ledger/fileSystem.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { isLockHeld, takeLock } from '../../src/ledger/processLock.ts';

const SETTINGS: JobSettings = {
  model: 'light',
  format: 'webm',
  background: { type: 'transparent' },
  prompt: undefined,
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-ledger-'));
  return () => rm(folder, { recursive: true, force: true });
});

function open(): Ledger {
  const ledger = openLedger(folder, systemClock);
  onTestFinished(() => ledger.close());
  return ledger;
}

function begin(ledger: Ledger, runId: string): void {
  ledger.startRun({
    id: runId,
    profile: 'test',
    scope: 'test',
    settings: SETTINGS,
    outputDir: '/results',
    clientVersion: '0',
    estimate: credits(2),
    clips: [{ path: '/clips/a.mp4', relativePath: 'a.mp4', wantedPath: '/results/a.webm' }],
  });
}

function addJob(ledger: Ledger, runId: string): Job {
  const key = 'k'.repeat(26);
  ledger.ensureJob({
    key,
    scope: 'test',
    settings: SETTINGS,
    sourceSha256: 'ab',
    generation: 1,
    consent: undefined,
    sourceName: 'a.mp4',
    durationUs: 2_000_000,
    rate: credits(45),
    estimate: credits(1.5),
    worstCase: credits(45),
    tariff: { source: 'built-in', asOf: '2026-11-20T00:00:00.000Z' },
  });
  expect(ledger.claim(key, runId)).toBeUndefined();
  return { key, startTries: 0, state: 'planned' };
}

const TO_STARTED: readonly JobEvent[] = [
  { type: 'uploaded', videoUrl: 'https://cdn.example/a.mp4' },
  { type: 'created', jobId: 'job_1', keyFingerprint: 'f00' },
  { type: 'start_intended', session: 'run-1' },
  { type: 'started', evidence: 'start answered `processing`' },
];

function follow(ledger: Ledger, job: Job, events: readonly JobEvent[]): Job {
  return events.reduce((state, event) => ledger.append('run-1', state, event), job);
}

describe('the ledger', () => {
  test('remembers every step after it is opened anew', () => {
    const first = openLedger(folder, systemClock);
    begin(first, 'run-1');
    const started = follow(first, addJob(first, 'run-1'), TO_STARTED);
    first.close();
    expect(open().job(started.key)).toEqual(started);
  });

  test('is private to its user', async () => {
    open();
    expect((await stat(join(folder, 'ledger.db'))).mode & 0o077).toBe(0);
  });

  test("tells what happened to a run's clips, in order, and how each of them ended", () => {
    const ledger = open();
    begin(ledger, 'run-1');
    const job = addJob(ledger, 'run-1');
    ledger.setClipKey('run-1', '/clips/a.mp4', '/results/a.webm', job.key);
    follow(ledger, job, TO_STARTED);
    expect(ledger.events('run-1').map(({ event }) => event)).toEqual(TO_STARTED);
    expect(ledger.events('another run')).toEqual([]);
    const end = { status: 'failed', code: 'wrong_duration', reason: 'too short' } as const;
    const outcome = {
      ...end,
      path: '/clips/a.mp4',
      relativePath: 'a.mp4',
      model: 'light',
      format: 'webm',
      durationSeconds: 2,
      credits: credits(1.5),
      jobId: 'job_1',
      elapsedMs: 10,
    } as const;
    ledger.setClipOutcome('run-1', outcome, '/results/a.webm');
    const found = { status: 'failed', code: 'wrong_duration', durationSeconds: 2, jobId: 'job_1' };
    expect(ledger.clips('run-1')).toMatchObject([found]);
  });

  test('of the first rbgv goes on being used: what it paid for is known and stands in the books', async () => {
    const old = new Database(join(folder, 'ledger.db'));
    old.exec(await readFile(join(import.meta.dirname, 'version1.sql'), 'utf8'));
    old.close();
    await chmod(join(folder, 'ledger.db'), 0o600);
    const ledger = open();
    expect(ledger.clips('run-1')).toMatchObject([{ relativePath: 'a.mp4' }, { status: 'open' }]);
    expect(ledger.job('paid')).toMatchObject({ state: 'done', jobId: 'job_1' });
    expect(ledger.job('sent')).toMatchObject({ state: 'starting', startTries: 1 });
    expect(ledger.job('new')).toMatchObject({ state: 'planned' });
    expect(ledger.spend('test', 0)).toMatchObject([{ date: '2026-11-21', credits: credits(6.75) }]);
    expect(ledger.runBill('run-1')).toMatchObject({ jobs: 2, billedJobs: 0, held: credits(135) });
    begin(ledger, 'run-2');
    const fresh = addJob(ledger, 'run-2');
    expect(ledger.append('run-2', fresh, TO_STARTED[0] as JobEvent).state).toBe('uploaded');
  });

  test('refuses an event that does not fit, and stays as it was', () => {
    const ledger = open();
    begin(ledger, 'run-1');
    const job = addJob(ledger, 'run-1');
    expect(() => ledger.append('run-1', job, { type: 'processed' })).toThrow(ImpossibleTransition);
    expect(ledger.job(job.key)).toEqual(job);
  });

  test('books a start once, on its day, and keeps the books when the job fails', () => {
    const ledger = open();
    begin(ledger, 'run-1');
    const started = follow(ledger, addJob(ledger, 'run-1'), TO_STARTED);
    ledger.append('run-1', started, { type: 'failed', reason: 'x', billingStatus: undefined });
    const today = new Date().toISOString().slice(0, 10);
    expect(ledger.spend('test', Date.now() - 86_400_000)).toEqual([
      { date: today, model: 'light', jobs: 1, done: 0, failed: 1, credits: credits(1.5) },
    ]);
    expect(ledger.spend('another scope', 0)).toEqual([]);
  });

  test('gives a job to one run at a time', () => {
    const ledger = open();
    begin(ledger, 'run-1');
    begin(ledger, 'run-2');
    const job = addJob(ledger, 'run-1');
    expect(ledger.claim(job.key, 'run-2')).toEqual({ ownedBy: 'run-1' });
    expect(() => ledger.append('run-2', job, TO_STARTED[0] as JobEvent)).toThrow('another process');
    ledger.finishRun('run-1', 0);
    expect(ledger.claim(job.key, 'run-2')).toBeUndefined();
  });

  test('refuses a network file system, on which no lock can be trusted', () => {
    for (const type of [0x6969, 0xfe534d42, 0x65735546]) {
      expect(() => refuseSharedFileSystem(folder, type)).toThrow('is on');
    }
    expect(() => refuseSharedFileSystem(folder)).not.toThrow();
  });

  test('refuses one that is newer', () => {
    openLedger(folder, systemClock).close();
    const sql = new Database(join(folder, 'ledger.db'));
    sql.exec('PRAGMA user_version = 99');
    sql.close();
    expect(() => open()).toThrow('newer rbgv');
  });

  test('remembers the latest times of a model', () => {
    const ledger = open();
    for (let job = 0; job < 205; job += 1) ledger.addJobTime('here', 'light', job);
    ledger.addJobTime('here', 'pro', 7);
    expect(ledger.jobTimes('here', 'light')).toEqual(
      Array.from({ length: 200 }, (_, n) => 204 - n),
    );
    expect(ledger.jobTimes('here', 'pro')).toEqual([7]);
    expect(ledger.jobTimes('elsewhere', 'light')).toEqual([]);
  });
});

describe('the money rules, enforced by the database itself', () => {
  function startedDatabase(): Database.Database {
    const ledger = openLedger(folder, systemClock);
    begin(ledger, 'run-1');
    follow(ledger, addJob(ledger, 'run-1'), TO_STARTED);
    ledger.close();
    const sql = new Database(join(folder, 'ledger.db'));
    onTestFinished(() => void sql.close());
    return sql;
  }

  test.each([
    ['another job id after a start intent', "UPDATE job SET job_id = 'job_2'", 'keeps its id'],
    ['another key after a start intent', "UPDATE job SET key_fingerprint = 'x'", 'keeps its id'],
    ['forgetting start intents', 'UPDATE job SET start_tries = 0', 'never forgotten'],
    ['deleting a job that may be paid', 'DELETE FROM job', 'never deleted'],
    ['starting a paid job again', "UPDATE job SET state = 'starting'", 'never paid again'],
    ['planning a paid job again', "UPDATE job SET state = 'planned'", 'never paid again'],
  ])('%s is refused', (_title, statement, message) => {
    const sql = startedDatabase();
    sql.exec('DELETE FROM job_event');
    expect(() => sql.exec(statement)).toThrow(message);
  });

  test('a second paid attempt without consent is refused', () => {
    const ledger = open();
    begin(ledger, 'run-1');
    addJob(ledger, 'run-1');
    const sql = new Database(join(folder, 'ledger.db'));
    onTestFinished(() => void sql.close());
    expect(() => sql.exec('UPDATE job SET generation = 2')).toThrow('CHECK');
  });

  test('a start intent without a job is refused', () => {
    const ledger = openLedger(folder, systemClock);
    begin(ledger, 'run-1');
    addJob(ledger, 'run-1');
    ledger.close();
    const sql = new Database(join(folder, 'ledger.db'));
    onTestFinished(() => void sql.close());
    expect(() => sql.exec("UPDATE job SET start_tries = 1, state = 'starting'")).toThrow(
      'needs a chosen job',
    );
  });
});

describe('the lock of a run', () => {
  test('is held while its process lives and free the moment it is killed', async () => {
    const path = join(folder, 'run.lock');
    const child = fork(new URL('lockHolder.ts', import.meta.url), [path], {
      execArgv: ['--import', 'tsx'],
    });
    await once(child, 'message');
    expect(isLockHeld(path)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isLockHeld(path)).toBe(false);
  });

  test('can be looked at any number of times without being taken', () => {
    const path = join(folder, 'run.lock');
    takeLock(path)?.release();
    expect([1, 2, 3].map(() => isLockHeld(path))).toEqual([false, false, false]);
  });

  test('leaves nothing behind when it is discarded', () => {
    const path = join(folder, 'run.lock');
    takeLock(path)?.discard();
    expect(isLockHeld(path)).toBe(false);
  });
});
