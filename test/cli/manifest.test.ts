import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { asService, createHome, serve, type Home } from './rbgv.ts';

async function clips(home: Home, ...names: readonly string[]): Promise<void> {
  for (const name of names) await home.clip(name);
}

interface Shown {
  readonly model: string;
  readonly output: string | null;
}

async function shownClips(home: Home): Promise<readonly Shown[]> {
  const { stdout } = await home.rbgv(['status', '--json']);
  return (JSON.parse(stdout) as { clips: readonly Shown[] }).clips;
}

describe('a manifest', () => {
  test('asks for each clip what its row says, and the same file may stand in it twice', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    const env = asService(sandbox);
    await clips(home, 'in/a.mp4', 'in/b.mp4');
    await writeFile(
      home.path('in/batch.csv'),
      '\ufeffpath,model,output,tag.customer,prompt\r\n' +
        'a.mp4,light,acme/first,acme,\r\n' +
        'a.mp4,pro,acme/second.webm,acme,"dog, ""red"" ball"\r\n' +
        'b.mp4,,,=1+1,\r\n',
    );
    const args = ['run', '--yes', '--model', 'human', 'in/batch.csv'];
    const first = await home.rbgv(args, { env });
    expect([first.exitCode, first.stderr]).toEqual([
      0,
      expect.stringMatching(/a\.mp4 +1\.0 s +pro +webm +dog, "red" ball +3/),
    ]);
    expect((await readdir(home.path('results'), { recursive: true })).sort()).toEqual(
      expect.arrayContaining(['acme/first.webm', 'acme/second.webm', 'b.webm']),
    );
    const models = await shownClips(home);
    expect(models.map(({ model }) => model)).toEqual(['light', 'pro', 'human']);
    expect(new Set(models.map(({ output }) => output)).size).toBe(3);
    const usage = await home.rbgv(['usage', '--by', 'tag:customer', '--csv'], { env });
    expect(usage.stdout).toMatch(/^acme,/m);
    expect(usage.stdout).toMatch(/^'=1\+1,/m);

    const again = await home.rbgv(args, { env });
    expect(again.stdout).toContain('of these 3 were there already');
    expect(sandbox.charges()).toHaveLength(3);
  });

  test('is judged whole, with line numbers, before anything is sent', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    await clips(home, 'a.mp4');
    const rows = [
      { path: 'a.mp4', model: 'best' },
      { path: 'http://169.254.169.254/latest' },
      { path: 'a.mp4', output: '../../etc/cron.d/x' },
      { path: 'gone.mp4', colour: 'red' },
      { path: '=cmd|calc!A0' },
      { path: 'a.mp4', model: 'light', prompt: 'dog' },
      { path: 'a.mp4', tags: { Customer: 'x' } },
    ];
    const lines = rows.map((row) => JSON.stringify(row));
    await writeFile(home.path('bad.jsonl'), [...lines, 'no json', ''].join('\n'));
    const bad = await home.rbgv(['run', '--yes', 'bad.jsonl'], { env: asService(sandbox) });
    expect(bad.exitCode).toBe(2);
    for (const words of [
      'line 1: `model`:',
      'line 2: `path`: is a URL',
      'line 3: `output`: is no path below the output folder',
      'line 4: unknown column `colour`',
      'line 5: `=cmd|calc!A0`: no such file',
      'line 7: the tag `Customer=x` is refused',
      'line 8: the line is no JSON object',
    ]) {
      expect(bad.stderr).toContain(words);
    }
    await writeFile(home.path('pair.csv'), 'path,output\na.mp4,x\n\n"a.mp4",X.webm\n');
    const pair = await home.rbgv(['estimate', 'pair.csv']);
    expect(pair.exitCode).toBe(0);
    const twice = await home.rbgv(['run', '--yes', 'pair.csv'], { env: asService(sandbox) });
    expect([twice.exitCode, twice.stderr]).toEqual([
      2,
      expect.stringContaining('line 4: the output `X.webm` is that of line 2 too'),
    ]);
    await writeFile(home.path('open.csv'), 'path,model\na.mp4,light\n"a.mp4,light\n\n');
    const open = await home.rbgv(['run', '--yes', 'open.csv'], { env: asService(sandbox) });
    expect([open.exitCode, open.stderr]).toEqual([
      2,
      expect.stringContaining('line 3: a quotation mark is never closed'),
    ]);
    await writeFile(home.path('huge.csv'), `path\n${'a.mp4\n'.repeat(1_000_000)}`);
    const huge = await home.rbgv(['run', '--yes', 'huge.csv'], { env: asService(sandbox) });
    expect([huge.exitCode, huge.stderr]).toEqual([
      2,
      expect.stringContaining('has more than 100,000 rows'),
    ]);
    expect(sandbox.requests().uploads).toBe(0);
  });

  test('is gone on with by resume, each clip with its own settings', async () => {
    const home = await createHome();
    const sandbox = await serve({ home, behaviour: { rounding: 'minute_up' } });
    const env = asService(sandbox);
    await clips(home, 'a.mp4', 'b.mp4');
    await writeFile(home.path('two.csv'), 'path,model\na.mp4,light\na.mp4,human\nb.mp4,human\n');
    const fits = ['run', '--yes', '--max-credits', '50', '--fit', 'two.csv'];
    const part = await home.rbgv(fits, { env });
    expect(part.stdout).toContain('2 pending');
    const rest = await home.rbgv(['resume', '--yes'], { env });
    expect([rest.exitCode, rest.stdout]).toEqual([0, expect.stringContaining('2 done')]);
    const models = sandbox.charges().map((charge) => charge.model);
    expect([...models].sort()).toEqual(['human', 'human', 'light']);
  });
});

test('rules of the project choose for clips that nobody chose for, the first match wins', async () => {
  const home = await createHome();
  const env = asService(await serve({ home }));
  await clips(home, 'ads/a.mp4', 'ads/b.mp4', 'c.mp4');
  const rules = [
    { match: { path: 'b.*' }, use: { model: 'human' } },
    { match: { path: 'ads/**', portrait: false, max_seconds: 5 }, use: { model: 'light' } },
    { match: { portrait: true }, use: { model: 'pro' } },
  ];
  await writeFile(home.path('rbgv.config.json'), JSON.stringify({ rules }));
  const plan = await home.rbgv(['run', '--dry-run', home.folder], { env });
  expect(plan.exitCode).toBe(0);
  expect(plan.stderr).toMatch(/ads\/a\.mp4 .*light[^]*ads\/b\.mp4 .*human[^]*c\.mp4 .*original/);
  const chosen = await home.rbgv(['run', '--dry-run', '--model', 'pro', '.'], { env });
  expect(chosen.stderr).not.toContain('human  ');
  const bad = [{ match: { portait: true }, use: {} }];
  await writeFile(home.path('rbgv.config.json'), JSON.stringify({ rules: bad }));
  const refused = await home.rbgv(['run', '--dry-run', '.'], { env });
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('portait')]);
});
