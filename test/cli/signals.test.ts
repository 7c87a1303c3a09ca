import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { asService, createHome, serve } from './rbgv.ts';

/** A sign that the server gives when it gets there, on however busy a machine. */
const WHEN = { timeout: 20_000 };

describe('^C', () => {
  test('stops new money, waits for the start on the wire, says what is paid, and how to go on', async () => {
    const home = await createHome();
    const sandbox = await serve({
      home,
      faults: [{ endpoint: 'start', nth: 1, kind: 'delay', ms: 1_000, when: 'after' }],
    });
    const env = asService(sandbox);
    for (const name of ['a.mp4', 'b.mp4']) await home.clip(name);
    const args = ['run', '--yes', '--concurrency', '1', 'a.mp4', 'b.mp4'];
    const run = home.rbgv(args, { env });
    await expect.poll(() => sandbox.requests().start, WHEN).toBe(1);
    run.kill('SIGINT');
    const { signal, stderr } = await run;
    expect(signal).toBe('SIGINT');
    expect(stderr).toContain('stopping: waiting only for starts on the wire');
    expect(stderr).toContain('jobs that go on at the service, paid already: 1');
    expect(stderr).toContain('clips left: 2; nothing is lost. To go on:\n  rbgv run --yes');
    expect([sandbox.charges().length, sandbox.requests().start]).toEqual([1, 1]);
    // The answer had been waited for: nothing is unclear, and nobody waits for a quiet time now.
    expect((await home.rbgv(['resume', '--yes'], { env })).exitCode).toBe(0);
    expect([sandbox.charges().length, sandbox.requests().start]).toEqual([2, 2]);
  });

  test('pressed twice leaves at once, though the answer to a start is still out, and nothing is paid twice', async () => {
    const home = await createHome();
    const sandbox = await serve({
      home,
      behaviour: { secondStart: 'charged_again' },
      faults: [{ endpoint: 'start', nth: 1, kind: 'half_open', when: 'after' }],
    });
    const env = asService(sandbox);
    await home.clip('a.mp4');
    const run = home.rbgv(['run', '--yes', 'a.mp4'], { env });
    await expect.poll(() => sandbox.charges().length, WHEN).toBe(1);
    run.kill('SIGINT');
    await new Promise((resolve) => run.stderr.once('data', resolve));
    run.kill('SIGINT');
    expect((await run).signal).toBe('SIGINT');
    const resumed = await home.rbgv(['resume', '--yes'], { env });
    expect(resumed.stderr).toContain('1 perhaps started (will be looked up first)');
    expect([resumed.exitCode, sandbox.charges().length]).toEqual([0, 1]);
  });
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends a run in order, with %i to a shell', async (signal, code) => {
  const home = await createHome();
  const sandbox = await serve({
    home,
    faults: [{ endpoint: 'work', every: 1, kind: 'stuck_job' }],
  });
  await home.clip('a.mp4');
  const run = home.shell('$RBGV run --yes a.mp4 & echo $!; wait $!; echo code $?', {
    env: asService(sandbox),
  });
  const [pid] = (await new Promise((resolve) => run.stdout.once('data', resolve)).then(String))
    .trim()
    .split('\n');
  await expect.poll(() => sandbox.charges().length, WHEN).toBe(1);
  process.kill(Number(pid), signal);
  const { stdout, stderr } = await run;
  expect(stdout).toContain(`code ${code}`);
  expect(stderr).toContain('paid already: 1');
});

test('a run goes on to its end when nobody reads its output, or leaves early, or not even its messages', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  const env = asService(sandbox);
  const readers = ['--json a.mp4 | true', '--json b.mp4 | head -1', '--verbose c.mp4 2>&1 | true'];
  for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) await home.clip(name);
  const runs = await Promise.all(
    readers.map((reader) =>
      home.shell(`$RBGV run --yes --no-report ${reader}; exit \${PIPESTATUS[0]}`, { env }),
    ),
  );
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  expect(await readdir(home.path('results'))).toEqual(['a.webm', 'b.webm', 'c.webm']);
  expect(sandbox.charges()).toHaveLength(3);
});
