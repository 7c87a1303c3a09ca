import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { chargeCount, chargesPerJob, createWorld, statuses } from './harness.ts';

describe('a batch', () => {
  test('pays every clip once and mirrors the input tree', async () => {
    const world = await createWorld();
    const clips = await Promise.all(['a.mp4', 'sub/a.mp4', 'sub/b.mov'].map((n) => world.clip(n)));
    const outcomes = await world.run(clips);
    expect(statuses(outcomes)).toEqual(['done', 'done', 'done']);
    expect(chargesPerJob(world.sandbox)).toEqual([1, 1, 1]);
    const files = await readdir(world.results, { recursive: true });
    expect(files.sort()).toEqual(['a.webm', 'sub', 'sub/a.webm', 'sub/b.webm']);
  });

  test('run a second time sends nothing and finds everything there', async () => {
    const world = await createWorld();
    const clips = await Promise.all(['a.mp4', 'b.mp4'].map((name) => world.clip(name)));
    await world.run(clips);
    const before = world.sandbox.requests();
    const calls = { ...before };
    const outcomes = await world.run(clips);
    expect(outcomes.map((o) => o.status === 'done' && o.reused)).toEqual([true, true]);
    expect(world.sandbox.requests()).toEqual(calls);
  });

  test('sends its first draft again when there were too many requests', async () => {
    const world = await createWorld({
      faults: [{ endpoint: 'create', until: 2, kind: 'status', status: 429 }],
    });
    const outcomes = await world.run([await world.clip('a.mp4')]);
    expect(statuses(outcomes)).toEqual(['done']);
  });

  test('pays the same bytes once under two names and delivers both', async () => {
    const world = await createWorld();
    const clips = [await world.clip('one.mp4', 'same'), await world.clip('two.mp4', 'same')];
    const outcomes = await world.run(clips);
    expect(statuses(outcomes)).toEqual(['done', 'done']);
    expect(chargeCount(world.sandbox)).toBe(1);
    const [one, two] = await Promise.all(
      ['one.webm', 'two.webm'].map((name) => readFile(join(world.results, name), 'utf8')),
    );
    expect(one).toBe(two);
  });

  test('fetches a deleted output again without paying again', async () => {
    const world = await createWorld();
    const clip = await world.clip('a.mp4');
    await world.run([clip]);
    await rm(join(world.results, 'a.webm'));
    const [outcome] = await world.run([clip]);
    expect(outcome?.status).toBe('done');
    expect(outcome?.credits).toBe(0);
    expect(await readdir(world.results)).toEqual(['a.webm']);
    expect(chargeCount(world.sandbox)).toBe(1);
  });

  test('copies a paid output into another results folder without asking the service', async () => {
    const world = await createWorld();
    const clip = await world.clip('a.mp4');
    await world.run([clip]);
    const calls = { ...world.sandbox.requests() };
    const [outcome] = await world.run([clip], { results: join(world.folder, 'elsewhere') });
    expect(outcome?.status === 'done' && outcome.reused).toBe(true);
    expect(world.sandbox.requests()).toEqual(calls);
  });

  describe('with a job that fails', () => {
    const failing = (refundOnFailure: boolean) =>
      createWorld({
        behaviour: { refundOnFailure },
        work: () => Promise.resolve({ ok: false, code: 'no_subject', reason: 'nothing moves' }),
      });

    test('gives the reason, and never pays for it again', async () => {
      const world = await failing(false);
      const clip = await world.clip('a.mp4');
      const [first] = await world.run([clip]);
      const [second] = await world.run([clip]);
      expect(first?.status === 'failed' && first.reason).toContain('nothing moves');
      expect(second?.status === 'failed' && second.reason).toContain('only --repay');
      expect(chargeCount(world.sandbox)).toBe(1);
    });
  });

  test('refuses a file that changed after it was looked at, before anything is sent', async () => {
    const world = await createWorld();
    const clip = await world.clip('a.mp4');
    await writeFile(clip.path, 'other bytes');
    const outcomes = await world.run([clip]);
    expect(statuses(outcomes)).toEqual(['failed source_changed']);
    expect(world.sandbox.requests().uploads).toBe(0);
  });

  test('does not publish an output that fails its checks', async () => {
    const world = await createWorld();
    const clip = await world.clip('a.mp4');
    const bad = { ok: false, code: 'all_opaque', reason: 'no alpha' } as const;
    const outcomes = await world.run([clip], { verify: () => Promise.resolve(bad) });
    expect(statuses(outcomes)).toEqual(['failed output_bad']);
    const [outcome] = outcomes;
    expect(outcome?.status === 'failed' && outcome.reason).toBe(
      `all_opaque: no alpha (job \`${outcome?.jobId ?? ''}\`, fetched three times)`,
    );
    expect(world.sandbox.requests().output).toBe(3);
    expect(await readdir(world.results)).toEqual([]);
    const [later] = await world.run([clip]);
    expect(later?.status).toBe('done');
    expect(chargeCount(world.sandbox)).toBe(1);
  });

  test('leaves a job that takes too long pending, and finishes it the next time', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const world = await createWorld({
      async work({ outputPath }) {
        await gate;
        await writeFile(outputPath, 'late');
        return { ok: true, durationSeconds: 2 };
      },
    });
    const clip = await world.clip('a.mp4');
    const first = await world.run([clip], { jobTimeoutMs: 60_000 });
    expect(statuses(first)).toEqual(['pending timeout']);
    release();
    expect(statuses(await world.run([clip]))).toEqual(['done']);
    expect(chargeCount(world.sandbox)).toBe(1);
  });

  test('stops spending when interrupted, and goes on where it was', async () => {
    const controller = new AbortController();
    const world = await createWorld({
      async work({ outputPath }) {
        controller.abort(new Error('interrupted'));
        await writeFile(outputPath, 'done');
        return { ok: true, durationSeconds: 2 };
      },
    });
    const clips = await Promise.all(['a', 'b', 'c', 'd'].map((n) => world.clip(`${n}.mp4`)));
    const first = await world.run(clips, { concurrency: 1, signal: controller.signal });
    expect(statuses(first)).toEqual(Array(4).fill('pending interrupted'));
    expect(chargeCount(world.sandbox)).toBe(1);
    expect(statuses(await world.run(clips))).toEqual(Array(4).fill('done'));
    expect(chargesPerJob(world.sandbox)).toEqual([1, 1, 1, 1]);
  });
});
