import { expect, test } from 'vitest';

import { asService, createHome, serve, tools } from './rbgv.ts';
import { execa } from 'execa';

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
