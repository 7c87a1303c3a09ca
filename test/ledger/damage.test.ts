import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { systemClock } from '../../src/core/clock.ts';
import { credits } from '../../src/core/credits.ts';
import type { JobEvent } from '../../src/core/job.ts';
import { refuseUnsafeFile } from '../../src/ledger/ledgerFile.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-damage-'));
  path = join(folder, 'ledger.db');
  return () => rm(folder, { recursive: true, force: true });
});

const EVENTS: readonly JobEvent[] = [
  { type: 'uploaded', videoUrl: 'https://cdn.example/a.mp4' },
  { type: 'created', jobId: 'job_1', keyFingerprint: 'f00' },
  { type: 'start_intended', session: 'run' },
  { type: 'started', evidence: 'start answered `processing`' },
];

/** Forty jobs, each of them started: what must never be forgotten. */
function work(ledger: Ledger, from = 0): void {
  const settings = { model: 'light', format: 'webm', prompt: undefined } as const;
  if (ledger.runs(1).length === 0) {
    ledger.startRun({
      id: 'run',
      profile: 'test',
      scope: 'test',
      settings: { ...settings, background: { type: 'transparent' } },
      outputDir: '/results',
      clientVersion: '0',
      estimate: credits(60),
      clips: [],
    });
  }
  for (let number = from; number < from + 40; number += 1) {
    const key = `k${String(number).padStart(25, 'a')}`;
    ledger.ensureJob({
      key,
      scope: 'test',
      settings: { ...settings, background: { type: 'transparent' } },
      sourceSha256: 'ab',
      generation: 1,
      consent: undefined,
      sourceName: 'a.mp4',
      durationUs: 2_000_000,
      estimate: credits(1.5),
      rate: credits(45),
      worstCase: credits(45),
      tariff: { source: 'built-in', asOf: '2026-11-20T00:00:00.000Z' },
    });
    ledger.claim(key, 'run');
    EVENTS.reduce((job, event) => ledger.append('run', job, event), ledger.job(key) ?? never());
  }
}

function never(): never {
  throw new Error('a job that was written down is not there');
}

const open = (): Ledger => openLedger(folder, systemClock);

const FILES = ['ledger.db', 'ledger.db-wal', 'ledger.steps'];

/** The files of a killed process: its latest steps are in the journal alone. */
let killed: string;
/** The same after the journal was moved into the ledger, and forty jobs later. */
let settledOnce: string;
let settledTwice: string;

async function copyTo(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (FILES.includes(name)) await copyFile(join(from, name), join(to, name));
  }
}

beforeAll(async () => {
  const base = await mkdtemp(join(tmpdir(), 'rbgv-damage-'));
  const copies = ['killed', 'once', 'twice'].map((name) => join(base, name));
  for (const copy of copies) await mkdir(copy);
  [killed = '', settledOnce = '', settledTwice = ''] = copies;
  const working = await mkdtemp(join(base, 'working-'));
  const ledger = openLedger(working, systemClock);
  work(ledger);
  await copyTo(working, killed);
  const sql = new Database(join(working, 'ledger.db'));
  sql.pragma('wal_checkpoint(TRUNCATE)');
  await copyTo(working, settledOnce);
  work(ledger, 40);
  sql.pragma('wal_checkpoint(TRUNCATE)');
  await copyTo(working, settledTwice);
  sql.close();
  ledger.close();
  return () => rm(base, { recursive: true, force: true });
});

const killedProcess = (): Promise<void> => copyTo(killed, folder);
const settled = (): Promise<void> => copyTo(settledOnce, folder);

async function flipBit(at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

const damages: readonly (readonly [string, () => Promise<void>, () => Promise<unknown>, string])[] =
  [
    ['has 0 bytes', settled, () => truncate(path), 'ledger_unreadable'],
    ['has lost its end', settled, () => truncate(path, 9_000), 'ledger_unreadable'],
    ['has lost all but a few bytes', settled, () => truncate(path, 10), 'ledger_unreadable'],
    ['is no database', settled, () => writeFile(path, 'x'.repeat(9_000)), 'ledger_unreadable'],
    ['is gone', settled, () => rm(path), 'ledger_missing'],
    ['is gone, but not its journal', killedProcess, () => rm(path), 'ledger_missing'],
    ['has lost its journal', killedProcess, () => rm(`${path}-wal`), 'ledger_behind'],
    [
      'has lost half its journal',
      killedProcess,
      async () => {
        const { size } = await stat(`${path}-wal`);
        await truncate(`${path}-wal`, Math.floor(size / 2));
      },
      'ledger_behind',
    ],
    ['has a journal of 0 bytes', killedProcess, () => truncate(`${path}-wal`), 'ledger_behind'],
    [
      'lost a bit of a job’s name',
      settled,
      async () => {
        await flipBit((await readFile(path)).indexOf('kaaaaaaaaaaaaaaaaaaaaaaa23'));
      },
      'ledger_unreadable',
    ],
    ['is read-only', settled, () => chmod(path, 0o400), 'ledger_read_only'],
    ['may be written by anybody', settled, () => chmod(path, 0o666), 'ledger_open'],
    ['lies where anybody may replace it', settled, () => chmod(folder, 0o777), 'ledger_open'],
    [
      'is of another program',
      settled,
      async () => {
        await rm(path);
        const sql = new Database(path);
        sql.exec('CREATE TABLE job (id INTEGER)');
        sql.close();
      },
      'ledger_unreadable',
    ],
  ];

describe('a ledger is refused with advice, and stays as it is, when it', () => {
  test.each(damages)('%s', async (_title, prepare, damage, code) => {
    await prepare();
    await damage();
    const before = await readFile(path).catch(() => undefined);
    const attempt = (): Ledger => open();
    for (let time = 0; time < 2; time += 1) {
      expect(attempt).toThrow(expect.objectContaining({ category: 'ledger', code }));
      expect(attempt).toThrow(
        expect.objectContaining({ hint: expect.stringContaining('nothing was sent') as string }),
      );
    }
    expect(await readFile(path).catch(() => undefined)).toEqual(before);
  });

  test('is older than what rbgv last wrote, though whole', async () => {
    await settled();
    await copyFile(join(settledTwice, 'ledger.steps'), join(folder, 'ledger.steps'));
    expect(open).toThrow(expect.objectContaining({ code: 'ledger_behind' }));
  });

  test('belongs to another user', async () => {
    open().close();
    const { uid } = await stat(path);
    expect(() => refuseUnsafeFile(path, uid + 1)).toThrow('belongs to another user');
    expect(() => refuseUnsafeFile(path, uid)).not.toThrow();
  });
});

test('no single lost bit makes a ledger forget a job that was paid', async () => {
  await settled();
  const whole = await readFile(path);
  const keys = Array.from({ length: 40 }, (_, number) => `k${String(number).padStart(25, 'a')}`);
  for (let round = 0; round < 100; round += 1) {
    await flipBit(Math.floor((whole.length * round) / 100) + (round % 97));
    try {
      const ledger = open();
      const known = keys.filter((key) => ledger.job(key) !== undefined);
      ledger.close();
      expect(known).toEqual(keys);
    } catch (error) {
      expect(error).toMatchObject({ category: 'ledger' });
    }
    for (const suffix of ['-wal', '-shm']) await rm(path + suffix, { force: true });
    await writeFile(path, whole);
  }
});

test('a ledger goes on after a kill, and is begun anew only where there was none', async () => {
  await killedProcess();
  const ledger = open();
  expect(ledger.isEmpty('test')).toBe(false);
  ledger.close();
  const rebuilt = await (async () => {
    for (const name of await readdir(folder)) {
      if (name.startsWith('ledger.db')) await rm(join(folder, name));
    }
    return openLedger(folder, systemClock, { rebuild: true });
  })();
  expect(rebuilt.isEmpty('test')).toBe(true);
  rebuilt.close();
  expect(open).not.toThrow();
});

test('a first process that dies while it makes the ledger leaves none that would be refused', async () => {
  await writeFile(`${path}.${process.pid}.new`, 'half a database');
  open().close();
  expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
});
