import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { Ledger } from '../../src/ledger/ledger.ts';
import { makeZip, png } from '../makeZip.ts';
import { chargeCount, createWorld, statuses, type RunOptions, type World } from './harness.ts';

const FRAMES = ['one', 'two', 'three'];
const ZIP = makeZip(Object.fromEntries(FRAMES.map((text, at) => [`f${at}.png`, png(text)])));
const SEQUENCE: RunOptions = { settings: { format: 'png_sequence' } };

/** A service whose jobs become zips of three pictures. */
function createSequenceWorld(): Promise<World> {
  return createWorld({
    behaviour: { secondStart: 'charged_again' },
    async work({ outputPath }) {
      await writeFile(outputPath, await ZIP);
      return { ok: true, durationSeconds: 2 };
    },
  });
}

async function expectFrames(folder: string): Promise<void> {
  const names = (await readdir(folder)).sort();
  expect(names).toEqual(['frame_000001.png', 'frame_000002.png', 'frame_000003.png']);
  const bytes = await Promise.all(names.map((name) => readFile(join(folder, name))));
  expect(bytes).toEqual(FRAMES.map(png));
}

describe('a PNG sequence', () => {
  test('arrives as a folder of frames, and is known by what sha256sum says of it', async () => {
    const world = await createSequenceWorld();
    const clip = await world.clip('sub/a.mp4');
    const [outcome] = await world.run([clip], SEQUENCE);
    const folder = join(world.results, 'sub', 'a_frames');
    expect(outcome?.status === 'done' && outcome.outputPath).toBe(folder);
    await expectFrames(folder);
    expect(await readdir(join(world.results, 'sub'))).toEqual(['a_frames']);
    const digest = (bytes: Buffer | string): string =>
      createHash('sha256').update(bytes).digest('hex');
    const lines = FRAMES.map((text, at) => `${digest(png(text))}  frame_00000${at + 1}.png\n`);
    const [delivery] = world.withLedger((ledger) => ledger.allDeliveries('test'));
    expect(delivery?.sha256).toBe(digest(lines.join('')));
  });

  test('is found again, copied for a second name, and mended, without a second payment', async () => {
    const world = await createSequenceWorld();
    const clips = [await world.clip('a.mp4', 'same'), await world.clip('b.v2.mp4', 'same')];
    expect(statuses(await world.run(clips, SEQUENCE))).toEqual(['done', 'done']);
    await expectFrames(join(world.results, 'b.v2_frames'));
    // What an editor or a file manager leaves in such a folder is none of rbgv's business.
    await writeFile(join(world.results, 'a_frames', '.DS_Store'), 'x');
    const calls = { ...world.sandbox.requests() };
    const again = await world.run(clips, SEQUENCE);
    expect(again.map((o) => o.status === 'done' && o.reused)).toEqual([true, true]);
    expect(world.sandbox.requests()).toEqual(calls);
    for (const name of ['a_frames', 'b.v2_frames']) {
      await rm(join(world.results, name, 'frame_000002.png'));
    }
    expect(statuses(await world.run(clips, SEQUENCE))).toEqual(['done', 'done']);
    expect((await readdir(world.results)).sort()).toEqual([
      'a_frames',
      'a_frames-2',
      'b.v2_frames',
      'b.v2_frames-2',
    ]);
    await expectFrames(join(world.results, 'a_frames-2'));
    expect(chargeCount(world.sandbox)).toBe(1);
  });

  test('stays a zip when that is wanted, and both may be had for one payment', async () => {
    const world = await createSequenceWorld();
    const clip = await world.clip('a.mp4');
    await world.run([clip], SEQUENCE);
    await world.run([clip], { ...SEQUENCE, keepZip: true });
    expect((await readdir(world.results)).sort()).toEqual(['a.zip', 'a_frames']);
    expect(await readFile(join(world.results, 'a.zip'))).toEqual(await ZIP);
    const calls = { ...world.sandbox.requests() };
    for (const keepZip of [false, true]) await world.run([clip], { ...SEQUENCE, keepZip });
    expect(world.sandbox.requests()).toEqual(calls);
    expect(chargeCount(world.sandbox)).toBe(1);
  });

  test('never mixes with a folder of the user, but may fill an empty one', async () => {
    const world = await createSequenceWorld();
    const clips = [await world.clip('a.mp4'), await world.clip('b.mp4')];
    await mkdir(join(world.results, 'a_frames'), { recursive: true });
    await mkdir(join(world.results, 'b_frames'));
    await writeFile(join(world.results, 'a_frames', 'frame_000001.png'), 'precious');
    await world.run(clips, SEQUENCE);
    expect(await readFile(join(world.results, 'a_frames', 'frame_000001.png'), 'utf8')).toBe(
      'precious',
    );
    await expectFrames(join(world.results, 'a_frames-2'));
    await expectFrames(join(world.results, 'b_frames'));
  });

  test('that cannot be unpacked safely is refused as a whole', async () => {
    const world = await createWorld({
      async work({ outputPath }) {
        await writeFile(outputPath, await makeZip({ 'a.png': png('x') }, { mode: 0o120777 }));
        return { ok: true, durationSeconds: 2 };
      },
    });
    const [outcome] = await world.run([await world.clip('a.mp4')], SEQUENCE);
    expect(outcome).toMatchObject({ status: 'failed', code: 'output_bad' });
    expect(outcome?.status === 'failed' && outcome.reason).toContain('a link or a device');
    expect(await readdir(world.results)).toEqual([]);
  });

  const moments = ['processed', 'verified', 'published'].flatMap((type) => [
    [type, 'before'] as const,
    [type, 'after'] as const,
  ]);
  test.each(moments)(
    'survives a kill when it is %s, %s that is written down',
    async (type, moment) => {
      const world = await createSequenceWorld();
      const clip = await world.clip('a.mp4');
      const dying = (ledger: Ledger): Ledger => ({
        ...ledger,
        append(runId, job, event) {
          if (event.type === type && moment === 'before') throw new Error('killed');
          const next = ledger.append(runId, job, event);
          if (event.type === type) throw new Error('killed');
          return next;
        },
      });
      await expect(world.run([clip], { ...SEQUENCE, wrapLedger: dying })).rejects.toThrow('killed');
      expect(statuses(await world.run([clip], SEQUENCE))).toEqual(['done']);
      expect(await readdir(world.results)).toEqual(['a_frames']);
      await expectFrames(join(world.results, 'a_frames'));
      expect(chargeCount(world.sandbox)).toBe(1);
    },
  );

  test('survives a kill in the middle of its unpacking', async () => {
    const world = await createSequenceWorld();
    const clip = await world.clip('a.mp4');
    const controller = new AbortController();
    // Checked, and then no more: the part folder is what a killed process would leave.
    const first = world.run([clip], {
      ...SEQUENCE,
      signal: controller.signal,
      async verify(zipPath) {
        const part = zipPath.replace(/\.zip$/, '');
        await mkdir(part);
        await writeFile(join(part, 'frame_000001.png'), 'half a fra');
        controller.abort(new Error('killed'));
        throw new Error('killed');
      },
    });
    expect(statuses(await first)).toEqual(['pending interrupted']);
    expect(statuses(await world.run([clip], SEQUENCE))).toEqual(['done']);
    expect(await readdir(world.results)).toEqual(['a_frames']);
    await expectFrames(join(world.results, 'a_frames'));
  });
});
