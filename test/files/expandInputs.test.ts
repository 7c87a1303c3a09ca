import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { expandInputs } from '../../src/files/expandInputs.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'rbgv-inputs-'));
});
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

async function make(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), 'x');
  }
}

async function found(...paths: readonly string[]): Promise<readonly string[]> {
  const { clips } = await expandInputs(paths, { cwd });
  return clips.map((clip) => clip.relativePath);
}

async function rejection(path: string): Promise<readonly [string, string, string]> {
  const { clips, rejected } = await expandInputs([path], { cwd });
  expect(clips).toEqual([]);
  const [only, ...more] = rejected;
  if (only === undefined || more.length > 0) throw new Error(`${rejected.length} rejections`);
  return [only.code, only.reason, only.fix];
}

describe('what becomes a clip', () => {
  it('finds videos in folders below, in natural order, and ignores other files', async () => {
    await make(
      'in/10.mp4',
      'in/2.MP4',
      'in/sub/a.mov',
      'in/notes.txt',
      'in/sub/b.webm',
      'in/c.avi',
    );
    expect(await found('in')).toEqual(['2.MP4', '10.mp4', 'c.avi', 'sub/a.mov', 'sub/b.webm']);
  });

  it('skips hidden names and unfinished downloads in folders', async () => {
    await make('in/a.mp4', 'in/.b.mp4', 'in/.cache/c.mp4', 'in/d.mp4.part');
    expect(await found('in')).toEqual(['a.mp4']);
  });

  it('describes a clip by its absolute path, size and time of change', async () => {
    await make('in/a.mp4');
    const path = join(cwd, 'in/a.mp4');
    const mtimeMs = 1_700_000_000_250;
    await utimes(path, new Date(), new Date(mtimeMs));
    const { clips } = await expandInputs(['in'], { cwd });
    expect(clips).toEqual([{ path, relativePath: 'a.mp4', sizeBytes: 1, mtimeMs }]);
  });

  it('expands a quoted pattern as a shell would, relative to its fixed part', async () => {
    await make('in/day1/a.mp4', 'in/day2/b.mp4', 'in/day2/c.txt', 'in/night/d.mp4');
    expect(await found('in/*/*.mp4')).toEqual(['day1/a.mp4', 'day2/b.mp4', 'night/d.mp4']);
    expect(await found(join(cwd, 'in/day*'))).toEqual(['day1/a.mp4', 'day2/b.mp4']);
    expect(await found('in/**/{a,d}.mp4')).toEqual(['day1/a.mp4', 'night/d.mp4']);
  });

  it('takes a name with pattern characters literally when such a file exists', async () => {
    await make('take[1].mp4', 'take1.mp4', 'what?.mp4', '--help.mp4');
    expect(await found('take[1].mp4')).toEqual(['take[1].mp4']);
    expect(await found('what?.mp4', '--help.mp4')).toEqual(['--help.mp4', 'what?.mp4']);
  });

  it('counts a file once however it is reached, but keeps hard links apart', async () => {
    await make('in/a.mp4');
    await symlink(join(cwd, 'in/a.mp4'), join(cwd, 'in/0-link.mp4'));
    await link(join(cwd, 'in/a.mp4'), join(cwd, 'in/hard.mp4'));
    expect(await found('in', 'in/a.mp4', './in/../in', 'in/*.mp4')).toEqual(['a.mp4', 'hard.mp4']);
  });

  it('ends when links form a loop', async () => {
    await make('in/sub/a.mp4');
    await symlink(join(cwd, 'in'), join(cwd, 'in/sub/up'));
    expect(await found('in')).toEqual(['sub/a.mp4']);
    expect(await found('in/**/*.mp4')).toEqual(['sub/a.mp4']);
  });

  it('leaves the results folder out of folders and patterns, not of what is named', async () => {
    await make('in/a.mp4', 'in/results/a.webm');
    const options = { cwd, exclude: [join(cwd, 'in/results')] };
    const names = async (path: string) =>
      (await expandInputs([path], options)).clips.map((clip) => clip.relativePath);
    expect(await names('in')).toEqual(['a.mp4']);
    expect(await names('in/**/*.{mp4,webm}')).toEqual(['a.mp4']);
    expect(await names('in/results/a.webm')).toEqual(['a.webm']);
  });

  it('goes through ten thousand files in seconds', { timeout: 20_000 }, async () => {
    await mkdir(join(cwd, 'in'));
    const names = Array.from({ length: 10_000 }, (_, index) => join(cwd, 'in', `${index}.mp4`));
    await Promise.all(names.map((name) => writeFile(name, 'x')));
    const begin = performance.now();
    expect(await found('in')).toHaveLength(10_000);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe('what is rejected', () => {
  it('gives the command that converts a video of a type the service does not take', async () => {
    await make("it's.mkv");
    expect(await rejection("it's.mkv")).toEqual([
      'unsupported_type',
      'the service accepts .mp4, .mov, .webm and .avi',
      String.raw`convert it: ffmpeg -i '${cwd}/it'\''s.mkv' -c:v copy -c:a aac -sn '${cwd}/it'\''s.mp4'`,
    ]);
    expect((await rejection('.'))[0]).toBe('unsupported_type');
  });

  it('judges a file named on its own whatever it is called', async () => {
    await make('notes.txt', 'noextension');
    expect((await rejection('notes.txt'))[0]).toBe('unsupported_type');
    expect((await rejection('noextension'))[0]).toBe('unsupported_type');
  });

  it('rejects an empty file', async () => {
    await make('a.mp4');
    await truncate(join(cwd, 'a.mp4'), 0);
    expect((await rejection('a.mp4'))[0]).toBe('empty_file');
  });

  it('rejects one byte over 500 MB and accepts exactly 500 MB', async () => {
    await make('a.mp4');
    await truncate(join(cwd, 'a.mp4'), 500_000_000);
    expect(await found('a.mp4')).toEqual(['a.mp4']);
    await truncate(join(cwd, 'a.mp4'), 500_000_001);
    expect((await rejection('a.mp4'))[0]).toBe('too_large');
  });

  it('rejects a pipe without waiting for it', async () => {
    await promisify(execFile)('mkfifo', [join(cwd, 'pipe.mp4')]);
    expect((await rejection('pipe.mp4'))[0]).toBe('not_a_file');
    expect((await rejection('.'))[0]).toBe('not_a_file');
  });

  it('says what it did not find', async () => {
    await mkdir(join(cwd, 'empty'));
    await symlink(join(cwd, 'gone.mp4'), join(cwd, 'empty', 'dangling.mp4'));
    expect((await rejection('gone.mp4'))[1]).toBe('no such file or folder');
    expect((await rejection('*.mp4'))[1]).toBe('the pattern matches no video file');
    expect((await rejection('empty'))[1]).toBe('a link to nothing, or gone since');
    await rm(join(cwd, 'empty', 'dangling.mp4'));
    expect((await rejection('empty'))[1]).toBe('the folder holds no video file');
    expect((await rejection(''))[0]).toBe('not_found');
  });
});
