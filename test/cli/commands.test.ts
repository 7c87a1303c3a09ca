import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { asService, createHome, serve, type Home } from './rbgv.ts';

interface EstimateJson {
  readonly version: number;
  readonly rates: { readonly source: string };
  readonly clips: readonly { readonly relative_path: string; readonly duration_seconds: number }[];
  readonly totals: Readonly<
    Record<string, { readonly exact: number; readonly per_started_minute: number }>
  >;
  readonly cheapest: readonly string[];
  readonly rejected: readonly { readonly code: string; readonly fix: string }[];
}

describe('rbgv estimate', () => {
  test('prices folders, globs and lists, and says where the rates come from', async () => {
    const home = await createHome();
    for (const name of ['in/a.mp4', 'in/sub/b.mp4', 'c.mp4']) await home.clip(name);
    const table = await home.rbgv(['estimate', 'in', '*.mp4']);
    expect(table.exitCode).toBe(0);
    expect(table.stdout).toMatch(/total, 3 clips +3\.0 s +3 +2\.25 \* +9 +2\.25 \*/);
    expect(table.stdout).toContain('live from `sandbox`');
    expect(table.stdout).toContain('at worst original 180, light 135, pro 540, human 135: perhaps');
    const cached = await home.rbgv(['estimate', '-', '--json'], {
      input: 'in/a.mp4\nin/sub\n',
    });
    const json = JSON.parse(cached.stdout) as EstimateJson;
    expect(json.rates.source).toBe('cached');
    expect(json.clips.map((clip) => [clip.relative_path, clip.duration_seconds])).toEqual([
      ['a.mp4', 1],
      ['b.mp4', 1],
    ]);
    expect(json.totals['light']).toMatchObject({ exact: 1.5, per_started_minute: 90 });
    expect(json.cheapest).toEqual(['light', 'human']);
  });

  test('lists what cannot be sent with the reason and a fix, and counts it in no total', async () => {
    const home = await createHome();
    await home.clip('in/a.mp4');
    await writeFile(home.path('in/text.mp4'), 'text');
    await writeFile(home.path('in/old.mkv'), 'whatever');
    const result = await home.rbgv(['estimate', 'in', '--json']);
    expect(result.exitCode).toBe(3);
    const json = JSON.parse(result.stdout) as EstimateJson;
    expect(json.totals['original']?.exact).toBe(1);
    expect(json.rejected.map(({ code }) => code).sort()).toEqual([
      'unreadable',
      'unsupported_type',
    ]);
    expect(json.rejected.every(({ fix }) => fix.length > 10)).toBe(true);
  });

  test('as CSV can be read by a spreadsheet and runs no formula', async () => {
    const home = await createHome();
    await home.clip('=1+1.mp4');
    const result = await home.rbgv(['estimate', '=1+1.mp4', '--csv', '--model', 'human']);
    const [head, row] = result.stdout.split('\n');
    expect(head).toBe('path,duration_seconds,credits_human,rejected,at_worst_human');
    expect(row).toMatch(/=1\+1\.mp4,1,0\.75,,45$/);
  });

  test('uses the built-in rates, and says so, when the service cannot be asked', async () => {
    const home = await createHome();
    await home.clip('a.mp4');
    const env = { RBGV_BASE_URL: 'http://127.0.0.1:9', REMOVEBGVIDEO_API_KEY: 'offline-key-1' };
    const result = await home.rbgv(['estimate', 'a.mp4'], { env });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('built into rbgv (2026-11-20): the service could not be asked');
  });
});

describe('rbgv usage', () => {
  test('shows the service beside the books, and keeps fields nobody knows', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    await home.clip('a.mp4');
    const env = asService(sandbox);
    await home.rbgv(['run', '--yes', '--model', 'human', 'a.mp4'], { env });
    const text = await home.rbgv(['usage', '--days', '7', '--events', '5'], { env });
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toMatch(/credits +0\.75 +0\.75/);
    expect(text.stdout).toContain('events: 1');
    const json = await home.rbgv(['usage', '--json'], { env });
    const summary = (JSON.parse(json.stdout) as { service: { summary: object } }).service.summary;
    expect(Object.keys(summary)).toEqual(expect.arrayContaining(['daily', 'total_jobs']));
  });
});

describe('rbgv status, retry and forget', () => {
  test('follow a run to its end, try what failed again, and forget no payment', async () => {
    const home = await createHome();
    const sandbox = await serve({
      home,
      behaviour: { refundOnFailure: false },
      faults: [{ endpoint: 'work', nth: 1, kind: 'failed_job' }],
    });
    const env = asService(sandbox);
    await home.clip('a.mp4');
    const running = home.rbgv(['run', '--yes', '--json', 'a.mp4'], { env });
    await new Promise((resolve) => running.stdout.once('data', resolve));
    const watched = home.rbgv(['status', '--watch'], { env });
    expect((await running).exitCode).toBe(3);
    expect((await watched).stdout).toMatch(/a\.mp4 +failed/);
    const refused = await home.rbgv(['retry', '--yes'], { env });
    expect(refused.stdout).toContain('0 done, 1 failed');
    expect(sandbox.charges()).toHaveLength(1);
    const repaid = await home.rbgv(['retry', '--yes', '--repay'], { env });
    expect(repaid.stdout).toContain('1 done');
    expect(sandbox.charges()).toHaveLength(2);
    for (let run = 0; run < 3; run += 1) await home.rbgv(['forget', '2'], { env });
    expect((await home.rbgv(['status'], { env })).stdout).toBe('no runs yet');
    const again = await home.rbgv(['run', '--yes', 'a.mp4'], { env });
    expect(again.stdout).toContain('1 done, of these 1 were there already, 0 credits');
  });
});

describe('a lost ledger', () => {
  test('in a folder where there was one is missed, until it is rebuilt on purpose', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    const env = asService(sandbox);
    await home.clip('a.mp4');
    await home.rbgv(['run', '--yes', 'a.mp4'], { env });
    for (const suffix of ['', '-wal', '-shm']) {
      await rm(`${home.state}/ledger.db${suffix}`, { force: true });
    }
    const starts = sandbox.requests().start;
    const refused = await home.rbgv(['run', '--yes', 'a.mp4'], { env });
    expect([refused.exitCode, sandbox.requests().start]).toEqual([7, starts]);
    expect(refused.stderr).toContain('rbgv adopt');
    expect((await home.rbgv(['adopt'], { env })).stdout).toContain('1 taken into the ledger');
    const run = await home.rbgv(['run', '--yes', 'a.mp4'], { env });
    expect(run.stdout).toContain('1 done, 0 credits');
    expect(sandbox.charges()).toHaveLength(1);
  });

  test('is rebuilt from the service before anything is paid again', async () => {
    const home = await createHome();
    const sandbox = await serve({ home, behaviour: { listShape: 'data', listPageCap: 20 } });
    const env = asService(sandbox);
    const names = Array.from({ length: 25 }, (_, clip) => `in/${clip}.mp4`);
    for (const name of names) await home.clip(name);
    await home.rbgv(['run', '--yes', '--concurrency', '25', 'in'], { env });
    expect(sandbox.charges()).toHaveLength(25);
    await rm(home.state, { recursive: true });
    const adopted = await home.rbgv(['adopt'], { env });
    expect(adopted.stdout).toBe("25 jobs at the service, 25 of rbgv's, 25 taken into the ledger");
    await rm(home.state, { recursive: true });
    await rm(home.path('results'), { recursive: true });
    const run = await home.rbgv(['run', '--yes', '--concurrency', '25', 'in'], { env });
    expect(run.stderr).toContain(
      'paid jobs found at the service that this ledger did not know: 25',
    );
    expect(run.stdout).toContain('25 done, 0 credits');
    expect(sandbox.charges()).toHaveLength(25);
  });
});

describe('rbgv verify', () => {
  test('finds outputs that are gone or were changed, and exits 9', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) await home.clip(name);
    const env = asService(sandbox);
    await home.rbgv(['run', '--yes', 'a.mp4', 'b.mp4', 'c.mp4'], { env });
    const whole = await home.rbgv(['verify'], { env });
    expect([whole.exitCode, whole.stdout]).toEqual([0, '3 whole, 0 missing, 0 changed']);
    await rm(home.path('results/a.webm'));
    const bytes = await readFile(home.path('results/b.webm'));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(home.path('results/b.webm'), bytes);
    const broken = await home.rbgv(['verify'], { env });
    expect(broken.exitCode).toBe(9);
    expect(broken.stdout).toMatch(
      /missing .*a\.webm\nchanged .*b\.webm\n1 whole, 1 missing, 1 changed/,
    );
  });
});

describe('rbgv config', () => {
  test('stores a key from stdin privately, and shows only its fingerprint', async () => {
    const home = await createHome();
    const stored = await home.rbgv(['config', 'set-key'], {
      input: 'my-own-key-7\n',
    });
    expect(stored.exitCode).toBe(0);
    const list = await home.rbgv(['config', 'list']);
    expect(`${stored.stderr}${list.stdout}`).not.toContain('my-own-key-7');
    expect(list.stdout).toMatch(/profile production: key [0-9a-f]{12} stored/);
    const path = (await home.rbgv(['config', 'path'])).stdout;
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect(await readFile(path, 'utf8')).toContain('my-own-key-7');
  });

  test('keeps the key before for the jobs it created, and forgets all of them together', async () => {
    const home = await createHome();
    for (const input of ['key-of-june\n', 'key-of-july\n']) {
      await home.rbgv(['config', 'set-key'], { input });
    }
    expect((await home.rbgv(['config', 'list'])).stdout).toContain('older keys kept: 1');
    await home.rbgv(['config', 'unset-key']);
    const path = (await home.rbgv(['config', 'path'])).stdout;
    expect(await readFile(path, 'utf8')).not.toContain('key-of-');
  });

  test('refuses a setting that no run could use', async () => {
    const home = await createHome();
    expect((await home.rbgv(['config', 'set', 'model', 'best'])).exitCode).toBe(2);
    expect((await home.rbgv(['config', 'set', 'model', 'human'])).exitCode).toBe(0);
    expect((await home.rbgv(['config', 'get', 'model'])).stdout).toBe('human');
  });

  test('a .env with a key that others can read is refused', async () => {
    const home = await createHome();
    await writeFile(home.path('.env'), 'REMOVEBGVIDEO_API_KEY=abc\n');
    await chmod(home.path('.env'), 0o644);
    const result = await home.rbgv(['status']);
    expect([result.exitCode, result.stderr.includes('chmod 600')]).toEqual([2, true]);
  });
});

describe('rbgv sandbox', () => {
  /** Starts one and waits until it says where it is. */
  async function start(home: Home, args: readonly string[]) {
    const server = home.rbgv(['sandbox', '--port', '0', '--data-dir', 'data', ...args], {
      env: { RBGV_SANDBOX_ADMIN_TOKEN: 'test-admin' },
    });
    const url = await new Promise<string>((resolve) => {
      server.stdout.on('data', (chunk: Buffer) => {
        const found = /sandbox at (\S+)/.exec(chunk.toString());
        if (found?.[1] !== undefined) resolve(found[1]);
      });
    });
    const env = { RBGV_BASE_URL: url, REMOVEBGVIDEO_API_KEY: 'rbgv-local-sandbox' };
    const admin = { headers: { 'x-admin-token': 'test-admin' } };
    return {
      server,
      env,
      control: async (path: string) => (await fetch(`${url}/sandbox/${path}`, admin)).json(),
    };
  }

  test('serves any client until it is told to stop, and keeps its jobs', async () => {
    const home = await createHome();
    const { server, env } = await start(home, []);
    await home.clip('a.mp4');
    const run = await home.rbgv(['run', '--yes', '--format', 'mov', 'a.mp4'], { env });
    server.kill('SIGTERM');
    expect([run.exitCode, (await server).signal]).toEqual([0, 'SIGTERM']);
    expect((await stat(home.path('results/a.mov'))).size).toBeGreaterThan(1000);
  });

  test('with a balance, knobs and faults: the client stops in time, and the ledger agrees', async () => {
    const home = await createHome();
    const faults = [{ endpoint: 'uploads', nth: 1, kind: 'status', status: 503 }];
    await writeFile(home.path('faults.json'), JSON.stringify({ seed: 3, faults }));
    const { server, env, control } = await start(home, [
      ...['--credits', '1', '--faults', 'faults.json', '--knob', 'draftWord=pending'],
      ...['--simulate', 'fixed:0'],
    ]);
    for (const name of ['a.mp4', 'b.mp4']) await home.clip(name);
    const args = ['run', '--yes', '--concurrency', '1', '--json', 'a.mp4', 'b.mp4'];
    const run = await home.rbgv(args, { env });
    // Simulated outputs are no videos: one clip fails its checks, and the other costs too much.
    expect(run.stdout).toContain('"type":"retry"');
    expect(run.stdout).toMatch(
      /^{"type":"clip_outcome".*"credits":1,.*"code":"output_bad","reason":"wrong_container/m,
    );
    expect(run.stdout).toMatch(/^{"type":"clip_outcome".*"credits":0,.*"code":"credits"/m);
    expect(run.exitCode).toBe(5);
    expect(await control('charges')).toMatchObject({ items: [{ credits: 1, reason: 'start' }] });
    server.kill('SIGTERM');
    await server;
  });

  test('explains every open question, and refuses what is none', async () => {
    const home = await createHome();
    const { stdout } = await home.rbgv(['sandbox', '--explain']);
    for (const number of [1, 6, 20]) expect(stdout).toMatch(new RegExp(`\\bC${number}\\b`));
    for (const args of [
      ['--knob', 'colour=red'],
      ['--simulate', 'never'],
      ['--faults', 'none.json'],
    ]) {
      const refused = await home.rbgv(['sandbox', ...args]);
      expect([refused.exitCode, refused.stderr.includes('hint:')]).toEqual([2, true]);
    }
  });
});

test('help shows examples and the exit status of every command; the version is that of the package', async () => {
  const home = await createHome();
  const version = await home.rbgv(['--version']);
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  expect([version.exitCode, version.stdout]).toEqual([0, manifest.version]);
  const help = await home.rbgv(['--help']);
  expect(help.stdout).toContain('$ rbgv estimate ./clips');
  for (const command of [
    'estimate',
    'run',
    'resume',
    'status',
    'verify',
    'usage',
    'smoke',
    'sandbox',
    'config',
  ]) {
    const { stdout, exitCode } = await home.rbgv([command, '--help']);
    expect([command, exitCode, stdout.includes('Exit status')]).toEqual([command, 0, true]);
  }
});
