import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import type { Caps } from '../../src/core/budget.ts';
import { OverBudget } from '../../src/core/budget.ts';
import { systemClock } from '../../src/core/clock.ts';
import { credits, toNumber } from '../../src/core/credits.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { beginRun, draftJob, intend, refuse, start } from './budgetJobs.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-budget-'));
  return () => rm(folder, { recursive: true, force: true });
});

function open(): Ledger {
  const ledger = openLedger(folder, systemClock);
  onTestFinished(() => ledger.close());
  return ledger;
}

/** A run with caps in whole credits. */
function begin(ledger: Ledger, runId: string, caps: Readonly<Record<string, number>>): void {
  const entries = Object.entries(caps).map(([period, cap]) => [period, credits(cap)]);
  beginRun(ledger, runId, Object.fromEntries(entries) as Caps);
}

const usedToday = (ledger: Ledger): number => toNumber(ledger.used('test').day);

describe('a reservation', () => {
  test('is the worst case until the bill is known, then the bill', () => {
    const ledger = open();
    begin(ledger, 'run-1', { run: 100 });
    const started = start(ledger, 'run-1', draftJob(ledger, 'run-1', 'a', { worstCase: 60 }));
    expect(usedToday(ledger)).toBe(60);
    ledger.append('run-1', started, { type: 'processed', billed: credits(2.5) });
    expect(usedToday(ledger)).toBe(2.5);
    expect(toNumber(ledger.used('test').month)).toBe(2.5);
  });

  test('that does not fit is refused, and nothing is changed by it', () => {
    const ledger = open();
    begin(ledger, 'run-1', { run: 100 });
    start(ledger, 'run-1', draftJob(ledger, 'run-1', 'a', { worstCase: 60 }));
    const second = draftJob(ledger, 'run-1', 'b', { worstCase: 60 });
    expect(() => intend(ledger, 'run-1', second)).toThrow(OverBudget);
    expect(ledger.job(second.key)).toEqual(second);
    expect(usedToday(ledger)).toBe(60);
  });

  test.each(['day', 'month'])('is held against what other runs have used of the %s', (period) => {
    const ledger = open();
    begin(ledger, 'run-1', {});
    start(ledger, 'run-1', draftJob(ledger, 'run-1', 'a', { worstCase: 60 }));
    begin(ledger, 'run-2', { [period]: 100 });
    const second = draftJob(ledger, 'run-2', 'b', { worstCase: 60 });
    expect(() => intend(ledger, 'run-2', second)).toThrow(`40 of the ${period}'s 100 are left`);
  });

  test('is given back when the service refuses the start for certain', () => {
    const ledger = open();
    begin(ledger, 'run-1', { run: 100 });
    const intended = intend(ledger, 'run-1', draftJob(ledger, 'run-1', 'a', { worstCase: 60 }));
    refuse(ledger, 'run-1', intended);
    expect(usedToday(ledger)).toBe(0);
  });

  test('of an unclear start moves to the run that sends it again', () => {
    const ledger = open();
    begin(ledger, 'run-1', {});
    const intended = intend(ledger, 'run-1', draftJob(ledger, 'run-1', 'a', { worstCase: 60 }));
    ledger.finishRun('run-1', 8);
    begin(ledger, 'run-2', { run: 60, day: 60 });
    ledger.claim(intended.key, 'run-2');
    const unclear = ledger.append('run-2', intended, { type: 'start_unclear', reason: 'x' });
    intend(ledger, 'run-2', unclear);
    expect(usedToday(ledger)).toBe(60);
    expect(toNumber(ledger.budget('run-2')[0]?.used ?? credits(-1))).toBe(60);
  });

  test('is made for a start that the server made by itself, over the cap too: it is spent', () => {
    const ledger = open();
    begin(ledger, 'run-1', { run: 10 });
    const draft = draftJob(ledger, 'run-1', 'a', { worstCase: 60 });
    ledger.append('run-1', draft, { type: 'started', evidence: 'by itself' });
    expect(usedToday(ledger)).toBe(60);
  });

  test('gives way to a bill that exceeds it, and later starts see that', () => {
    const ledger = open();
    begin(ledger, 'run-1', { run: 100 });
    const started = start(ledger, 'run-1', draftJob(ledger, 'run-1', 'a', { worstCase: 60 }));
    ledger.append('run-1', started, { type: 'processed', billed: credits(120) });
    expect(usedToday(ledger)).toBe(120);
    const second = draftJob(ledger, 'run-1', 'b', { worstCase: 1 });
    expect(() => intend(ledger, 'run-1', second)).toThrow('0 of the run');
  });

  test('has the price of the day of the start, not of the day of the draft', () => {
    const ledger = open();
    begin(ledger, 'run-1', {});
    draftJob(ledger, 'run-1', 'a', { worstCase: 60 });
    const later = draftJob(ledger, 'run-1', 'a', { worstCase: 80 });
    intend(ledger, 'run-1', later);
    expect(usedToday(ledger)).toBe(80);
  });
});

describe('alerts', () => {
  test('are told once for each level, period and budget, whoever asks first', () => {
    const ledger = open();
    const other = openLedger(folder, systemClock);
    onTestFinished(() => other.close());
    begin(ledger, 'run-1', { day: 100 });
    begin(other, 'run-2', { day: 100 });
    const told = (from: Ledger, runId: string): readonly number[] =>
      from.newAlerts(runId, [50, 80, 95]).map((alert) => alert.percent);
    start(ledger, 'run-1', draftJob(ledger, 'run-1', 'a', { worstCase: 40 }));
    expect(told(ledger, 'run-1')).toEqual([]);
    start(ledger, 'run-1', draftJob(ledger, 'run-1', 'b', { worstCase: 15 }));
    expect([told(other, 'run-2'), told(ledger, 'run-1')]).toEqual([[50], []]);
    start(ledger, 'run-1', draftJob(ledger, 'run-1', 'c', { worstCase: 45 }));
    expect([told(ledger, 'run-1'), told(other, 'run-2')]).toEqual([[95], []]);
    begin(ledger, 'run-3', { day: 110 });
    expect(told(ledger, 'run-3')).toEqual([80]);
  });
});

test('an alert of the wallet is told once, and again when the wallet has grown', () => {
  const ledger = open();
  begin(ledger, 'run-1', {});
  begin(ledger, 'run-2', {});
  const told = (runId: string, name: string): readonly number[] => {
    const wallet = { period: 'wallet', name, used: credits(85), cap: credits(100) } as const;
    return ledger.newAlerts(runId, [50, 80, 95], wallet).map(({ percent }) => percent);
  };
  expect([told('run-1', 'May'), told('run-2', 'May'), told('run-2', 'June')]).toEqual([
    [80],
    [],
    [80],
  ]);
});

describe('the books, guarded by the database itself', () => {
  function withStart(): Database.Database {
    const ledger = openLedger(folder, systemClock);
    begin(ledger, 'run-1', { run: 100, day: 100, month: 100 });
    start(ledger, 'run-1', draftJob(ledger, 'run-1', 'a', { worstCase: 60 }));
    draftJob(ledger, 'run-1', 'b', { worstCase: 60 });
    ledger.close();
    const sql = new Database(join(folder, 'ledger.db'));
    onTestFinished(() => void sql.close());
    return sql;
  }
  const INSERT = `INSERT INTO booking SELECT key, owner, scope, 'p', '{}', (SELECT day FROM booking),
    worst_case, NULL, 1 FROM job WHERE source_sha256 = 'b'`;

  test.each([
    [
      'a start without a reservation',
      "UPDATE job SET start_tries = 1, state = 'starting' WHERE source_sha256 = 'b'",
      'needs its worst case reserved',
    ],
    [
      'a started job that stands in no book',
      "UPDATE job SET state = 'started', started_at = 1 WHERE source_sha256 = 'b'",
      'stands in the books',
    ],
    ['forgetting what may have been charged', 'DELETE FROM booking', 'stays in the books'],
    ['a reservation above a cap', INSERT, 'over budget: run'],
    ['a larger reservation than fits', 'UPDATE booking SET held = 100000001', 'over budget: run'],
    ['a reservation of no run', INSERT.replace('owner', "'none'"), 'belongs to a run'],
    ['a reservation below zero', 'UPDATE booking SET held = -1', 'CHECK'],
    ['a bill below zero', 'UPDATE booking SET billed = -1', 'CHECK'],
  ])('%s is refused', (_title, statement, message) => {
    const sql = withStart();
    expect(() => sql.exec(statement)).toThrow(message);
  });

  test.each(['day', 'month'])('a reservation above the cap of the %s is refused', (period) => {
    const sql = withStart();
    sql.exec(`UPDATE run SET run_cap = NULL, day_cap = NULL, month_cap = NULL`);
    sql.exec(`UPDATE run SET ${period}_cap = 100000000`);
    expect(() => sql.exec(INSERT)).toThrow(`over budget: ${period}`);
  });
});

test('two processes that start as fast as they can share one budget and never exceed it', async () => {
  const cap = 1000;
  const children = ['one', 'two'].map((name) =>
    fork(new URL('budgetSpender.ts', import.meta.url), [folder, name, String(cap)], {
      execArgv: ['--import', 'tsx'],
    }),
  );
  const next = async (child: ChildProcess): Promise<unknown> =>
    ((await once(child, 'message')) as [unknown])[0];
  await Promise.all(children.map(next));
  for (const child of children) child.send('go');
  const started = (await Promise.all(children.map(next))) as number[];
  const ledger = open();
  // 16 worst cases of 60 fit below 1000.
  expect(started.reduce((sum, one) => sum + one)).toBe(16);
  expect(usedToday(ledger)).toBe(960);
});
