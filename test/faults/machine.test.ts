import { link, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { Job, JobEvent } from '../../src/core/job.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { chargeCount, createWorld, statuses, type World } from '../batch/harness.ts';
import { asService, createHome, serve } from '../cli/rbgv.ts';
import { clipsOf, expectFaithful, testRows, unguarded } from './faithful.ts';

// Rows 56 to 64 of the fault matrix: disks, ledgers, clocks, names. Numbers: RELIABILITY.md.

testRows([
  {
    title: '56 no start is paid for without room for its output, and all goes on when there is',
    runs: [
      { ends: 'pending disk', exit: 8, options: { freeBytes: 1e8 } },
      { ends: 'done', exit: 0 },
    ],
  },
]);

test('57 a limit that no output fits under publishes nothing; without it the paid output is fetched', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  await home.clip('a.mp4');
  const env = asService(sandbox);
  // The ledger has its full size before the limit (in kilobytes) comes.
  await home.rbgv(['run', '--yes', '--model', 'light', 'a.mp4'], { env });
  await rm(home.path('results'), { recursive: true });
  const limited = await home.shell('ulimit -f 1; $RBGV run --yes --model light a.mp4', { env });
  expect(limited.exitCode).not.toBe(0);
  expect((await home.shell('ls results')).stdout).toBe('');
  const free = await home.rbgv(['run', '--yes', '--model', 'light', 'a.mp4'], { env });
  expect([free.exitCode, sandbox.charges().length]).toEqual([0, 1]);
  expect((await home.shell('ls -A results')).stdout).toBe('a.webm');
});

describe('59 a ledger', () => {
  test.each([
    ['with garbage for a head', (path: string) => writeFile(path, 'x'.repeat(8_192))],
    ['that was cut short', (path: string) => truncate(path, 5_000)],
    ['of a newer rbgv', (path: string) => writeVersion(path, 9_999)],
  ])('%s is refused with 7 and advice, and nothing is sent', async (_, damage) => {
    const home = await createHome();
    const sandbox = await serve({ home });
    await home.clip('a.mp4');
    const env = asService(sandbox);
    expect((await home.rbgv(['status'], { env })).exitCode).toBe(0);
    const ledger = join(home.state, 'ledger.db');
    for (const suffix of ['-wal', '-shm']) await rm(`${ledger}${suffix}`, { force: true });
    await damage(ledger);
    const bytes = await readFile(ledger);
    const run = await home.rbgv(['run', '--yes', 'a.mp4'], { env });
    expect(run.exitCode).toBe(7);
    expect(run.stderr).toContain('hint:');
    expect(sandbox.requests()).toMatchObject({ uploads: 0, create: 0, start: 0 });
    // Least of all is it replaced by an empty one, which would pay for everything again.
    expect((await readFile(ledger)).equals(bytes)).toBe(true);
  });
});

test('61 a results folder that was moved away is filled again for free', async () => {
  const world = await createWorld(unguarded());
  const clips = await clipsOf(world, 2);
  const first = await world.run(clips);
  await rename(world.results, join(world.folder, 'clips', 'moved'));
  const second = await world.run(clips);
  expect(statuses(second)).toEqual(['done', 'done']);
  await expectFaithful(world, clips, [first, second]);
});

test.each([
  ['back', -86_400_000],
  ['ahead', 86_400_000],
])(
  '62 a wall clock set %s a day during an unclear start shortens no quiet time',
  async (_, aheadMs) => {
    const starts: number[] = [];
    const world: World = await createWorld(
      unguarded({
        log: (line) => {
          if (/POST \S+\/start/.test(line)) starts.push(world.monotonic());
        },
        faults: [{ endpoint: 'start', nth: 1, kind: 'drop_before' }],
      }),
    );
    const clips = await clipsOf(world, 1);
    await expect(world.run(clips, { wrapLedger: dyingAfter('start_unclear') })).rejects.toThrow();
    world.setClock(aheadMs);
    const resumedAt = world.monotonic();
    const outcomes = await world.run(clips);
    expect(statuses(outcomes)).toEqual(['done']);
    expect(starts).toHaveLength(2);
    expect((starts[1] ?? 0) - resumedAt).toBeGreaterThanOrEqual(90_000);
    await expectFaithful(world, clips, [outcomes]);
  },
);

/** A ledger whose process ends when it has written an event of this type down. */
function dyingAfter(type: JobEvent['type']): (ledger: Ledger) => Ledger {
  return (ledger) => ({
    ...ledger,
    append(runId: string, job: Job, event: JobEvent) {
      const next = ledger.append(runId, job, event);
      if (event.type === type) throw new Error('killed');
      return next;
    },
  });
}

test('63 the same clip twice, as a hard link, and names that differ in case are paid once and told apart', async () => {
  const world = await createWorld(unguarded());
  const one = await world.clip('clip.mp4', 'the same bytes');
  const upper = await world.clip('CLIP.mp4', 'other bytes');
  const copy = await world.clip('copy.mp4', 'the same bytes');
  const linked = {
    ...one,
    path: join(world.folder, 'clips', 'link.mp4'),
    relativePath: 'link.mp4',
  };
  await link(one.path, linked.path);
  const clips = [one, upper, copy, linked, one];
  const outcomes = await world.run([one, upper, copy, linked]);
  expect(statuses(outcomes)).toEqual(Array(4).fill('done'));
  expect(chargeCount(world.sandbox)).toBe(2);
  await expectFaithful(world, clips.slice(0, 4), [outcomes], { charges: 2 });
});

test('63 a folder that links to itself is searched once', async () => {
  const home = await createHome();
  await home.clip('in/a.mp4');
  await symlink('..', home.path('in/again'));
  const result = await home.rbgv(['estimate', 'in', '--json']);
  expect((JSON.parse(result.stdout) as { clips: unknown[] }).clips).toHaveLength(1);
});

test('64 a file of the user with the name of an output is never overwritten', async () => {
  const world = await createWorld(unguarded());
  const clips = await clipsOf(world, 1);
  await world.clip('../results/a.webm', 'precious');
  const outcomes = await world.run(clips);
  expect(outcomes[0]?.status === 'done' && outcomes[0].outputPath).toBe(
    join(world.results, 'a-2.webm'),
  );
  expect(await readFile(join(world.results, 'a.webm'), 'utf8')).toBe('precious');
  await expectFaithful(world, clips, [outcomes], { ownFiles: ['a.webm'] });
});

async function writeVersion(path: string, version: number): Promise<void> {
  // SQLite keeps the schema's version at byte 60 of its file.
  const bytes = await readFile(path);
  bytes.writeUInt32BE(version, 60);
  await writeFile(path, bytes);
}
