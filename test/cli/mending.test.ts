import { readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

import { asService, createHome, serve, tools, type Home } from './rbgv.ts';

async function ffmpeg(...args: readonly string[]): Promise<void> {
  const { ffmpegPath } = await tools();
  await execa(ffmpegPath, ['-nostdin', '-v', 'error', '-y', ...args]);
}

/** The one-second clip behind two seconds of black, with a keyframe between them or without. */
async function blackHead(home: Home, name: string, keyframe: boolean): Promise<string> {
  const clip = await home.clip(`${name}.raw.mp4`);
  const black = ['-f', 'lavfi', '-i', 'color=black:s=320x180:r=25:d=2'];
  const joined = ['-filter_complex', '[0:v][1:v]concat=n=2:v=1,format=yuv420p[v]', '-map', '[v]'];
  const keys = ['-g', '1000', '-sc_threshold', '0', '-force_key_frames', keyframe ? '2' : '0'];
  await ffmpeg(...black, '-i', clip, ...joined, '-c:v', 'libx264', ...keys, home.path(name));
  return home.path(name);
}

test('--transcode-to-fit converts what the service would not take, once, and leaves the original alone', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  const env = asService(sandbox);
  const raw = await home.clip('raw.mp4');
  await ffmpeg('-i', raw, '-c', 'copy', home.path('take.mkv'));
  await ffmpeg('-i', raw, '-c:v', 'mpeg2video', '-q:v', '2', '-an', home.path('old.mpg'));
  await writeFile(home.path('notes.wmv'), 'no video at all');
  // A hole in the file, that players skip.
  await truncate(await home.clip('large.mp4'), 500_000_001);
  const before = await stat(home.path('take.mkv'));
  const args = [
    'run',
    '--yes',
    '--transcode-to-fit',
    'take.mkv',
    'old.mpg',
    'large.mp4',
    'notes.wmv',
  ];

  const first = await home.rbgv(args, { env });
  expect([first.exitCode, first.stdout]).toEqual([
    3,
    expect.stringContaining('3 done, 1 rejected'),
  ]);
  expect(first.stderr).toContain('notes.wmv: the service accepts .mp4, .mov, .webm and .avi; it');
  const results = await readdir(home.path('results'));
  expect(results).toEqual(expect.arrayContaining(['take.webm', 'old.webm']));
  expect((await stat(home.path('take.mkv'))).mtimeMs).toBe(before.mtimeMs);

  const again = await home.rbgv(args, { env });
  expect(again.stdout).toContain('of these 3 were there already');
  expect(sandbox.charges()).toHaveLength(3);
});

test('black ends are pointed out with what they cost, and --trim cuts them, without loss at a keyframe', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  const env = asService(sandbox);
  await blackHead(home, 'keyed.mp4', true);
  await blackHead(home, 'loose.mp4', false);
  const estimated = await home.rbgv(['estimate', '--check-ends', '--json', 'keyed.mp4'], { env });
  expect(JSON.parse(estimated.stdout)).toMatchObject({
    clips: [{ idle_ends: { head_seconds: 2, tail_seconds: 0, credits: { light: 1.5 } } }],
  });
  const models = 'original 2, light 1.5, pro 6, human 1.5 credits';
  expect((await home.rbgv(['estimate', '--check-ends', 'keyed.mp4'], { env })).stdout).toContain(
    `keyed.mp4: 2.0 s at its beginning; costs ${models}\n  ${models} are for these`,
  );
  const found = await home.rbgv(['run', '--dry-run', '--check-ends', 'keyed.mp4'], { env });
  expect(found.stderr).toContain('keyed.mp4: 2.0 s at its beginning; costs 2 credits');

  const args = ['run', '--yes', '--trim', '--json', 'keyed.mp4'];
  const { stdout } = await home.rbgv(args, { env });
  const path = home.path('keyed.mp4');
  const copy = expect.stringContaining('mended') as string;
  expect(JSON.parse(stdout.split('\n').at(-1) ?? '')).toMatchObject({
    clips: [
      { path, mended: { copy, converted: false, cut_seconds: expect.closeTo(2, 1) as number } },
    ],
  });
  const trimmed = await home.rbgv(['run', '--yes', '--trim', 'keyed.mp4', 'loose.mp4'], { env });
  expect(trimmed.stderr).toContain('keyed.mp4: 2.0 s at its beginning; cut without loss, saves 2');
  expect(trimmed.stderr).toContain('loose.mp4: 2.0 s at its beginning; cut, saves 2');
  const refused = asService(sandbox, 'not-the-key-at-all');
  const light = ['run', '--yes', '--trim', '--model', 'light', 'keyed.mp4'];
  expect((await home.rbgv(light, { env: refused })).exitCode).toBe(4);
  const resumed = await home.rbgv(['resume', '--yes', '--json'], { env });
  const mended = { copy, converted: false, cut_seconds: expect.closeTo(2, 1) as number };
  expect(JSON.parse(resumed.stdout.split('\n').at(-1) ?? '')).toMatchObject({
    clips: [{ path, status: 'done', mended }],
  });
  expect((await home.rbgv([...light, '--format', 'mov'], { env: refused })).exitCode).toBe(4);
  await rm(join(home.state, 'mended'), { recursive: true });
  const gone = await home.rbgv(['resume', '--yes'], { env });
  expect([gone.exitCode, gone.stderr]).toEqual([
    3,
    expect.stringContaining('give the command of the run again'),
  ]);
  // The outputs last one second: they pass because one second is what was sent.
  expect([trimmed.exitCode, trimmed.stdout]).toEqual([0, expect.stringContaining('2 done')]);
});
