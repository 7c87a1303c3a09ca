import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

import type { SandboxOptions } from '../../src/sandbox/startSandbox.ts';
import { asService, createHome, matteOneSecond, serve, tools } from './rbgv.ts';

type Work = NonNullable<SandboxOptions['work']>;

/** What `light` makes here is gone in every fourth frame. */
const lightFlickers: Work = async (request, signal) => {
  const done = await matteOneSecond(request, signal);
  if (request.model !== 'light') return done;
  const { ffmpegPath } = await tools();
  const target = `${request.outputPath}.webm`;
  const blink = ['-vf', 'format=rgba,colorchannelmixer=aa=0:enable=eq(mod(n\\,4)\\,3)'];
  const vp9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'];
  await execa(ffmpegPath, [
    ...['-nostdin', '-v', 'error', '-y', '-c:v', 'libvpx-vp9', '-i', request.outputPath, ...blink],
    ...['-pix_fmt', 'yuva420p', ...vp9, '-auto-alt-ref', '0', '-c:a', 'copy', target],
  ]);
  await rename(target, request.outputPath);
  return done;
};

test('models are compared in one run that is paid once, and the chosen one is paid for the real run too', async () => {
  const home = await createHome();
  const sandbox = await serve({ home, work: lightFlickers });
  const env = asService(sandbox);
  await home.clip('in/a.mp4');
  const models = ['--models', 'original,light'];
  const args = ['compare', '--yes', ...models, '--contact-sheet', 'sheet.png', 'in/a.mp4'];
  const first = await home.rbgv(args, { env });
  expect(first.exitCode).toBe(0);
  expect(first.stderr).toMatch(/model +clips +duration +credits +at worst/);
  expect(first.stderr).toMatch(/light +1 clip +1\.0 s +0\.75 +45/);
  expect(first.stdout).toMatch(/light +0\.75 .*flickers: \d+ % > 5 %/);
  expect(first.stdout).toMatch(/original +1 .*cheapest acceptable/);
  expect(first.stdout).toContain(
    'original (1) is the cheapest acceptable, and the only one; cheaper, and not acceptable: light (0.75).',
  );
  expect(await readdir(home.path('compare/original'))).toEqual(['a.webm']);
  const page = await readFile(home.path('compare/report.html'), 'utf8');
  expect(page).toMatch(/src="\.\/original\/a\.webm"[^]*★[^]*cheapest acceptable/);
  expect((await stat(home.path('sheet.png'))).size).toBeGreaterThan(1_000);

  const [, command = ''] = /already paid for:\n {2}rbgv (.+)$/m.exec(first.stderr) ?? [];
  expect(command).toBe('run --model original --format webm --background transparent in/a.mp4');
  const again = await home.rbgv([...args, '--json'], { env });
  const lines = again.stdout.split('\n').map((line) => JSON.parse(line) as object);
  expect(lines.at(-2)).toMatchObject({
    type: 'comparison',
    clips: [{ relative_path: 'a.mp4', cheapest_acceptable: 'original', models: [{}, {}] }],
  });
  const real = await home.shell(`$RBGV ${command}`, { env });
  expect(real.stdout).toContain('of these 1 were there already');
  expect(sandbox.charges()).toHaveLength(2);
});

test('a sample is cut and priced to its length, as a copy', async () => {
  const home = await createHome();
  const env = asService(await serve({ home }));
  await home.clip('a.mp4');
  const args = ['--models', 'pro,light', '--prompt', 'cap', '--from', '0.2s', '--sample', '0.4s'];
  const result = await home.rbgv(['compare', '--dry-run', ...args, 'a.mp4'], { env });
  expect(result.stderr).toMatch(/pro +1 clip +0\.4 s +1\.2 /);
  const [copy = ''] = await readdir(home.path('state/mended'));
  const { ffprobePath } = await tools();
  const count = ['-count_frames', '-select_streams', 'v', '-show_entries', 'stream=nb_read_frames'];
  const read = ['-v', 'error', ...count, '-of', 'csv=p=0', home.path('state/mended', copy)];
  expect((await execa(ffprobePath, read)).stdout).toBe('10');
});

test('what cannot be compared is refused before anything is sent', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  const env = asService(sandbox);
  await home.clip('a.mp4');
  await writeFile(
    join(home.folder, 'rbgv.policy.json'),
    '{"version": 1, "allowed_models": ["light", "human"]}',
  );
  const cases = [
    [['--models', 'light,light', 'a.mp4'], 'at least two models'],
    [['--models', 'light,lite', 'a.mp4'], 'Give some of original, light, pro, human'],
    [['--prompt', 'cap', 'a.mp4'], 'none of these models takes a prompt'],
    [['--models', 'light,pro', 'a.mp4'], 'does not allow model `pro`'],
    [['--sample', '3m', 'a.mp4'], 'such as 3s'],
    [['--from', '5s', 'a.mp4'], 'it lasts 1.0 s, and the sample begins at 5 s'],
  ] as const;
  for (const [args, words] of cases) {
    const result = await home.rbgv(['compare', '--yes', ...args], { env });
    expect([args, result.stderr]).toEqual([args, expect.stringContaining(words)]);
    expect(result.exitCode).toBe(2);
  }
  expect(sandbox.charges()).toEqual([]);
});
