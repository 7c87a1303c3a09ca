import { execa } from 'execa';
import { expect, test } from 'vitest';

import { asService, createHome, serve, tools } from './rbgv.ts';

test('--canary works the chosen clips first, and the others only when all of these are done', async () => {
  const home = await createHome();
  const env = asService(await serve({ home }));
  for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) await home.clip(name);
  const { ffmpegPath } = await tools();
  const turned = ['-vf', 'transpose=1', '-c:a', 'copy', home.path('turned.mp4')];
  await execa(ffmpegPath, ['-nostdin', '-v', 'error', '-i', home.path('a.mp4'), ...turned]);
  const clips = ['a.mp4', 'b.mp4', 'c.mp4', 'turned.mp4'];
  const good = await home.rbgv(['run', '--yes', '--canary', '2', ...clips], { env });
  expect(good.stderr).toMatch(/first 2 clips, then the others: [abc]\.mp4, turned\.mp4/);
  expect([good.exitCode, good.stdout]).toEqual([0, expect.stringContaining('4 done')]);
});

test('a canary that fails leaves the others untouched, and resume goes on with them', async () => {
  const home = await createHome();
  const faults = [
    { endpoint: 'work', job: 1, kind: 'failed_job', code: 'oom', reason: 'out of memory' },
  ] as const;
  const sandbox = await serve({ home, faults });
  const env = asService(sandbox);
  const clips = ['a.mp4', 'b.mp4', 'c.mp4'];
  for (const name of clips) await home.clip(name);
  const bad = await home.rbgv(['run', '--yes', '--canary', '1', ...clips], { env });
  expect([bad.exitCode, bad.stderr]).toEqual([
    3,
    expect.stringMatching(/clips left untouched: 2\. To go on with them:\n {2}rbgv resume \d/),
  ]);
  expect(sandbox.requests().uploads).toBe(1);
  const rest = await home.rbgv(['resume', '--yes'], { env });
  // The failed one cost nothing: it is tried once more.
  expect(rest.stdout).toContain('3 done');
});

test('a terminal that does not say how large it is gets plain lines', async () => {
  const home = await createHome();
  await home.clip('a.mp4');
  const line = `script -qec "node ${home.program} estimate a.mp4" /dev/null`;
  const { exitCode, stdout } = await home.shell(line);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('total, 1 clip')]);
  expect(stdout).not.toContain('\u001b');
});

test('on a terminal --canary shows what came of the first, asks, and shows the others at work', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  for (const name of ['a.mp4', 'b.mp4']) await home.clip(name);
  const command = `stty cols 100 rows 30 && node ${home.program} run --canary 1 --no-report a.mp4 b.mp4`;
  // A terminal of its own, which util-linux brings.
  const rbgv = execa('script', ['-qec', command, '/dev/null'], {
    cwd: home.folder,
    env: { PATH: process.env['PATH'] ?? '', RBGV_STATE_DIR: home.state, ...asService(sandbox) },
    extendEnv: false,
    reject: false,
  });
  let shown = '';
  rbgv.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const questions = (): readonly string[] => shown.split('(y/N)');
  for (const count of [1, 2]) {
    await expect.poll(() => questions().length, { timeout: 20_000 }).toBe(count + 1);
    expect(sandbox.charges()).toHaveLength(count - 1);
    rbgv.stdin.write('y\n');
  }
  expect((await rbgv).exitCode).toBe(0);
  const [before, between, after] = questions();
  expect(before).toMatch(/Spend 1 credits, at worst 60, on 1 clip with `original`\? $/);
  expect(between).toMatch(/1 done, 1 credits[^]*Spend 1 credits, at worst 60, on 1 clip/);
  // The cursor is hidden while a block of the clips at work is drawn.
  expect(after).toMatch(/\[\?25l[^]*2 clips[^]*\[\?25h[^]*2 done/);
});
