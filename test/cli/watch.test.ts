import { copyFile, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { asService, createHome, serve, type Home } from './rbgv.ts';

const QUICK = ['--settle', '0.2', '--interval', '0.3', '--model', 'light'];
const AGREED = ['--yes', '--max-credits-day', '1000'];

/** Paid starts, by the server's own ledger. */
async function charges(home: Home): Promise<number> {
  const text = await readFile(home.path('server/charges.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '').length;
}

describe('rbgv watch', () => {
  test('works a clip once it is whole, one that grows with pauses too, and ends by ^C', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    const env = asService(sandbox);
    const whole = await readFile(await home.clip('made/slow.mp4'));
    await home.clip('in/below/first.mp4');
    await writeFile(home.path('in/slow.mp4'), whole.subarray(0, 5000));
    const watching = home.rbgv(['watch', ...QUICK, ...AGREED, '--json', 'in'], { env });
    const seen = ends(watching);
    await seen('below/first.mp4');
    // By now the growing one has lain still for longer than the settling time.
    const file = await open(home.path('in/slow.mp4'), 'a');
    await file.write(whole.subarray(5000));
    await file.close();
    await seen('slow.mp4');
    watching.kill('SIGINT');
    const { signal, stderr } = await watching;
    expect(signal).toBe('SIGINT');
    expect(stderr).toContain('the same command goes on');
    expect(await readdir(home.path('results'), { recursive: true })).toEqual(
      expect.arrayContaining(['slow.webm', 'below/first.webm']),
    );
    expect(await charges(home)).toBe(2);
  });

  test('spends no more in a day than agreed, and begun again it pays nothing twice', async () => {
    const home = await createHome();
    const env = asService(await serve({ home }));
    await home.clip('in/a.mov.mp4');
    await copyFile(home.path('in/a.mov.mp4'), home.path('in/same.mp4'));
    await home.clip('in/b.mp4');
    const watch = (credits: string) =>
      home.rbgv(
        [
          'watch',
          '--once',
          ...QUICK,
          '--yes',
          '--max-credits-day',
          credits,
          '--concurrency',
          '1',
          'in',
        ],
        { env },
      );
    // Light costs 45 a minute: at worst each clip is billed as one, and the first bill uses some up.
    const first = await watch('45');
    expect(first.exitCode).toBe(5);
    expect(first.stderr).toMatch(/pending +b\.mp4: its worst case/);
    expect(await charges(home)).toBe(1);
    const second = await watch('1000');
    expect(second.stdout).toMatch(/^1 done,/);
    expect(await watch('1000')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await charges(home)).toBe(2);
    expect((await readdir(home.path('results'))).sort()).toEqual([
      'a.mov.webm',
      'b.webm',
      'same.webm',
    ]);
    const status = await home.rbgv(['status', '--json'], { env });
    expect((JSON.parse(status.stdout) as { runs: unknown[] }).runs).toHaveLength(2);
  });

  test('asks for each clip what the rules of the project say, within its policy', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    const env = asService(sandbox);
    await home.clip('in/a.mp4');
    await home.clip('in/b.mp4');
    const rules = [{ match: { path: 'b.*' }, use: { model: 'human' } }];
    await writeFile(home.path('rbgv.config.json'), JSON.stringify({ rules }));
    const args = ['watch', '--once', '--settle', '0.2', ...AGREED, 'in'];
    const policy = JSON.stringify({ version: 1, allowed_models: ['original'] });
    await writeFile(home.path('rbgv.policy.json'), policy);
    const refused = await home.rbgv(args, { env });
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining('does not allow model `human`'),
    ]);
    await rm(home.path('rbgv.policy.json'));
    const watched = await home.rbgv(args, { env });
    expect(watched.stderr).toContain('2 clips: costs 1.75 credits, at worst 105: perhaps');
    const models = sandbox.charges().map((charge) => charge.model);
    expect(models.sort()).toEqual(['human', 'original']);
  });

  test('puts bad files on a list with the reason and leaves them alone, or in quarantine', async () => {
    const home = await createHome();
    const env = asService(await serve({ home }));
    await mkdir(home.path('in'));
    await writeFile(home.path('in/bad.mp4'), 'no video at all');
    const args = ['watch', '--once', ...QUICK, ...AGREED, '--output-dir', 'in/results', 'in'];
    const first = await home.rbgv(args, { env });
    expect(first.exitCode).toBe(3);
    expect(first.stderr).toMatch(/rejected +bad\.mp4: /);
    const list = await readFile(home.path('in/results/rejected.jsonl'), 'utf8');
    expect(JSON.parse(list)).toMatchObject({ path: home.path('in/bad.mp4'), moved_to: null });
    const again = await home.rbgv(args, { env });
    expect(again.exitCode).toBe(0);
    expect(again.stderr).not.toContain('bad.mp4');

    await writeFile(home.path('in/bad.mp4'), 'other bytes, as bad');
    const moved = await home.rbgv([...args, '--quarantine', 'in/bad'], { env });
    expect(moved.stderr).toContain('moved to');
    expect(await readFile(home.path('in/bad/bad.mp4'), 'utf8')).toContain('other bytes');
    await expect(stat(home.path('in/bad.mp4'))).rejects.toThrow('ENOENT');
    expect((await home.rbgv([...args, '--quarantine', 'in/bad'], { env })).exitCode).toBe(0);
  });

  test.each([
    [['--yes'], 'how much may be spent in a day'],
    [['--max-credits-day', '10'], 'nobody is there to answer'],
    [[...AGREED, '--output-dir', '.'], 'where results go'],
  ])('with %j says what is missing before anything is sent', async (args, words) => {
    const home = await createHome();
    const sandbox = await serve({ home });
    await home.clip('in/a.mp4');
    const { exitCode, stderr } = await home.rbgv(['watch', ...args, 'in'], {
      env: asService(sandbox),
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
    expect(sandbox.requests().uploads).toBe(0);
  });

  test('a refused key ends it', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    await home.clip('in/a.mp4');
    const env = asService(sandbox, 'another-key-altogether');
    const { exitCode } = await home.rbgv(['watch', ...QUICK, ...AGREED, 'in'], { env });
    expect(exitCode).toBe(4);
  });
});

/** Waits for a clip's end in the JSON lines of a process. */
function ends(process: ReturnType<Home['rbgv']>): (name: string) => Promise<void> {
  let text = '';
  process.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return async (name) => {
    const isDone = (line: string): boolean => {
      const { type, outcome } = JSON.parse(line) as {
        type: string;
        outcome?: { relative_path: string; status: string };
      };
      return (
        type === 'clip_outcome' && outcome?.relative_path === name && outcome.status === 'done'
      );
    };
    await expect
      .poll(() => text.split('\n').slice(0, -1).some(isDone), { timeout: 20_000 })
      .toBe(true);
  };
}
