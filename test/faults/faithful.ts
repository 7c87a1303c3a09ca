import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

import { exitCodeOfOutcomes } from '../../src/cli/exitCodes.ts';
import type { ProbedClip } from '../../src/core/clip.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { SandboxOptions } from '../../src/sandbox/startSandbox.ts';
import {
  chargesPerJob,
  createWorld,
  KEY,
  statuses,
  type RunOptions,
  type World,
} from '../batch/harness.ts';

/** One run of a row: how it is made, how its clips end, and what it exits with. */
export interface ExpectedRun {
  readonly options?: RunOptions;
  /** Of the clips, in any order; one word stands for all. */
  readonly ends: string | readonly string[];
  readonly exit: number;
}

/** What holds after every row, with the figures of this one. */
export interface Faith {
  /** Charges in all; default: one for each clip. */
  readonly charges?: number;
  /** Calls in all that the server may have seen; default 60. */
  readonly mostRequests?: number;
  /** Files in the results folder that are the user's own. */
  readonly ownFiles?: readonly string[];
  /** Clips that a further run is asked for; default all. */
  readonly resumed?: number;
}

/** A row of the fault matrix that is nothing but faults, runs and figures. */
export interface Row extends Faith {
  readonly title: string;
  readonly sandbox?: Partial<SandboxOptions>;
  /** What the longest of the client's sleeps takes in truth; see `createWorld`. */
  readonly longestSleepMs?: number;
  /** Default 2. */
  readonly clips?: number;
  /** Default: one run in which every clip is done. */
  readonly runs?: readonly ExpectedRun[];
}

const DONE: ExpectedRun = { ends: 'done', exit: 0 };

/** Makes a test of each row; one job at a time is at work. */
export function testRows(rows: readonly Row[]): void {
  for (const {
    title,
    sandbox,
    longestSleepMs,
    clips: count = 2,
    runs = [DONE],
    ...faith
  } of rows) {
    test(title, async () => {
      const world = await createWorld(unguarded(sandbox), longestSleepMs);
      const clips = await clipsOf(world, count);
      const outcomes: (readonly Outcome[])[] = [];
      for (const run of runs) {
        const ended = await world.run(clips, { concurrency: 1, ...run.options });
        const ends = typeof run.ends === 'string' ? Array<string>(count).fill(run.ends) : run.ends;
        // Which of two clips comes first is not said.
        expect([[...statuses(ended)].sort(), exitCodeOfOutcomes(ended)]).toEqual([
          [...ends].sort(),
          run.exit,
        ]);
        outcomes.push(ended);
      }
      await expectFaithful(world, clips, outcomes, faith);
    });
  }
}

/** A server that charges every start: it is the client that must be right. */
export function unguarded(options: Partial<SandboxOptions> = {}): Partial<SandboxOptions> {
  return { ...options, behaviour: { secondStart: 'charged_again', ...options.behaviour } };
}

export function clipsOf(world: World, count: number): Promise<readonly ProbedClip[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => world.clip(`${'abcdefgh'[index] ?? 'z'}.mp4`)),
  );
}

/**
 * What must be true whatever went wrong: each job was charged at most once, and as often in all as
 * the row says; the results folder holds the server's bytes under the clips' names and nothing else;
 * the key is written nowhere; the server was not flooded; and a further run sends nothing.
 */
export async function expectFaithful(
  world: World,
  clips: readonly ProbedClip[],
  runs: readonly (readonly Outcome[])[],
  faith: Faith = {},
): Promise<void> {
  const {
    charges = clips.length,
    mostRequests = 60,
    ownFiles = [],
    resumed = clips.length,
  } = faith;
  expect(chargesPerJob(world.sandbox)).toEqual(Array(charges).fill(1));
  await expectServersBytes(world, runs.at(-1) ?? [], ownFiles);
  await expectNoKey(world, runs);
  expect(sum(world.sandbox.requests())).toBeLessThanOrEqual(mostRequests);
  const before = posts(world);
  await world.run(clips.slice(0, resumed), { concurrency: 1, jobTimeoutMs: 1 });
  expect(posts(world)).toBe(before);
}

async function expectServersBytes(
  world: World,
  outcomes: readonly Outcome[],
  ownFiles: readonly string[],
): Promise<void> {
  const expected = [...ownFiles];
  for (const outcome of outcomes) {
    if (outcome.status !== 'done') continue;
    const served = join(world.folder, 'server', 'outputs', `${outcome.jobId ?? ''}.webm`);
    expect((await readFile(outcome.outputPath)).equals(await readFile(served))).toBe(true);
    expected.push(relative(world.results, outcome.outputPath));
  }
  const found = await readdir(world.results).catch(() => []);
  expect(found.sort()).toEqual(expected.sort());
  const beside = await readdir(world.folder);
  expect(beside.filter((name) => !['clips', 'results', 'server', 'state'].includes(name))).toEqual(
    [],
  );
}

async function expectNoKey(world: World, runs: readonly (readonly Outcome[])[]): Promise<void> {
  const state = await readdir(join(world.folder, 'state'), {
    recursive: true,
    withFileTypes: true,
  });
  const texts = await Promise.all(
    state
      .filter((entry) => entry.isFile())
      // SQLite's `-shm` goes when libsql closes: whenever its memory is collected.
      .filter((entry) => !entry.name.endsWith('-shm'))
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  const base64 = Buffer.from(KEY).toString('base64').replace(/=+$/, '');
  for (const text of [...texts, JSON.stringify(world.events), JSON.stringify(runs)]) {
    expect([text.includes(KEY), text.includes(base64)]).toEqual([false, false]);
  }
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** Calls that may create or cost something. */
export function posts(world: World): number {
  const { uploads, create, start } = world.sandbox.requests();
  return uploads + create + start;
}
