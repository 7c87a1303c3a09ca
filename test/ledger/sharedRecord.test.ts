import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';

import { openSharedRecord } from '../../src/ledger/sharedRecord.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-record-'));
  path = join(folder, 'state', 'rate.db');
  return () => rm(folder, { recursive: true, force: true });
});

function begin(task: 'count' | 'hang'): ChildProcess {
  const execArgv = ['--import', 'tsx'];
  return fork(new URL('recordHolder.ts', import.meta.url), [path, task], { execArgv });
}

const read = (): number | undefined =>
  openSharedRecord<number>(path).update((count) => [count ?? 0, count]);

test('processes that open a record at the same time change it in turn, and no change is lost', async () => {
  const begun = [1, 2, 3].map(() => begin('count'));
  await Promise.all(begun.map((child) => once(child, 'message')));
  for (const child of begun) child.send('go');
  await Promise.all(begun.map((child) => once(child, 'message')));
  expect(read()).toBe(1_500);
});

test('a process that is killed in the middle of a change blocks nobody and changes nothing', async () => {
  openSharedRecord<number>(path).update(() => [7, undefined]);
  const child = begin('hang');
  await once(child, 'message');
  const other = openSharedRecord<number>(path);
  // While it lives and holds the record, others go on with their own.
  expect(other.update((count) => [1, count])).toBeUndefined();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(read()).toBe(7);
});

test.each([
  ['no record', 'this is no database'],
  ['nothing', ''],
])('a file that holds %s is begun anew', async (_, text) => {
  openSharedRecord<number>(path).update(() => [7, undefined]);
  for (const suffix of ['-wal', '-shm']) await rm(path + suffix, { force: true });
  await writeFile(path, text);
  const record = openSharedRecord<number>(path);
  expect(record.update((count) => [8, count])).toBeUndefined();
  expect(read()).toBe(8);
});

test('where no file can be, a process has a record of its own', async () => {
  await writeFile(join(folder, 'state'), 'a file in the way');
  const record = openSharedRecord<number>(path);
  record.update(() => [1, undefined]);
  expect(record.update((count) => [2, count])).toBe(1);
});
