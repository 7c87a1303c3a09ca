import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { createHome, serve } from './rbgv.ts';

const KEY = 'test-secret-key-42';

describe('settings', () => {
  test('a flag wins over environment, project file, stored setting and default, in this order', async () => {
    const home = await createHome();
    await home.clip('in/a.mp4');
    const budgetOf = async (args: readonly string[], env = {}): Promise<string | undefined> => {
      const { stderr, exitCode } = await home.rbgv(['run', '--dry-run', 'in', ...args], { env });
      expect(exitCode).toBe(5);
      return /run's budget of ([\d.]+)/.exec(stderr)?.[1];
    };
    await home.rbgv(['config', 'set', 'max-credits', '0.4']);
    expect(await budgetOf([])).toBe('0.4');
    await writeFile(home.path('rbgv.config.json'), '{"max-credits": 0.3, "model": "light"}');
    expect(await budgetOf([])).toBe('0.3');
    expect(await budgetOf([], { RBGV_MAX_CREDITS: '0.2' })).toBe('0.2');
    expect(await budgetOf(['--max-credits', '0.1'], { RBGV_MAX_CREDITS: '0.2' })).toBe('0.1');
    const list = (await home.rbgv(['config', 'list'])).stdout;
    expect(list).toMatch(/^model = light {2}\(.*rbgv\.config\.json\)$/m);
    expect(list).toMatch(/^max-credits = 0\.3 {2}\(/m);
  });

  test('the project file of a folder above counts, up to the root of the repository', async () => {
    const home = await createHome();
    await writeFile(home.path('rbgv.config.json'), '{"model": "human"}');
    await mkdir(home.path('repository', '.git'), { recursive: true });
    await mkdir(home.path('folder'));
    const modelIn = async (folder: string): Promise<string> =>
      (await home.rbgv(['config', 'list'], { cwd: home.path(folder) })).stdout;
    expect(await modelIn('folder')).toContain('model = human');
    expect(await modelIn('repository')).not.toContain('model');
  });

  test('a project file can set neither an address nor a key, and says what it may hold', async () => {
    const home = await createHome();
    await home.clip('in/a.mp4');
    for (const text of ['{"baseUrl": "https://evil.example"}', '{"apiKey": "x"}', '[1', '"a"']) {
      await writeFile(home.path('rbgv.config.json'), text);
      const result = await home.rbgv(['estimate', 'in']);
      expect(result.exitCode, text).toBe(2);
      expect(result.stderr).toContain('known members: profile, model,');
    }
  });
});

describe('rbgv init', () => {
  test('stores a key that one free request has shown to be good, readable by its owner alone', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    const RBGV_BASE_URL = sandbox.url;
    const result = await home.rbgv(['init'], { input: `${KEY}\n`, env: { RBGV_BASE_URL } });
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.stdout + result.stderr).not.toContain(KEY);
    const path = home.path('config', 'config.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toContain(KEY);
    const asked = await home.rbgv(['usage'], { env: { RBGV_BASE_URL } });
    expect(asked.exitCode).toBe(0);
  });

  test('stores nothing when the service refuses the key', async () => {
    const home = await createHome();
    const { url: RBGV_BASE_URL } = await serve({ home });
    const result = await home.rbgv(['init'], { input: 'wrong-key', env: { RBGV_BASE_URL } });
    expect(result.exitCode).toBe(4);
    expect((await home.rbgv(['config', 'list'])).stdout).toContain('production: no stored key');
  });

  test('without a key says that the sandbox needs none, and estimates the clips it is given', async () => {
    const home = await createHome();
    await home.clip('in/a.mp4');
    const result = await home.rbgv(['init', 'in']);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain('sandbox');
    expect(result.stdout).toMatch(/a\.mp4 +1\.0 s/);
  });
});

describe('a key in the keychain', () => {
  /** Speaks like libsecret's tool; keeps the secret in a file. */
  const SECRET_TOOL = `#!/bin/sh
case $1 in
  store) cat > "$HOME/kept" ;;
  lookup) cat "$HOME/kept" 2>/dev/null ;;
  clear) rm -f "$HOME/kept" ;;
esac
`;

  test('is stored there, used from there, and nowhere in the settings', async () => {
    const home = await createHome();
    const { url: RBGV_BASE_URL } = await serve({ home });
    await mkdir(home.path('bin'));
    await writeFile(home.path('bin/secret-tool'), SECRET_TOOL, { mode: 0o755 });
    const env = { RBGV_BASE_URL, PATH: `${home.path('bin')}:${process.env['PATH'] ?? ''}` };
    const stored = await home.rbgv(['config', 'set-key', '--keychain'], { env, input: KEY });
    expect(stored.exitCode).toBe(0);
    expect(await readFile(home.path('kept'), 'utf8')).toBe(KEY);
    expect(await readFile(home.path('config/config.json'), 'utf8')).not.toContain(KEY);
    expect((await home.rbgv(['usage'], { env })).exitCode).toBe(0);
    expect((await home.rbgv(['config', 'unset-key'], { env })).exitCode).toBe(0);
    expect((await home.rbgv(['usage', '--profile', 'production'], { env })).exitCode).toBe(4);
  });

  test('is refused where there is no keychain, and stored nowhere', async () => {
    const home = await createHome();
    // Nothing but node is on this PATH: no developer's own keychain is touched.
    await mkdir(home.path('bin'));
    await symlink(process.execPath, home.path('bin/node'));
    const env = { PATH: home.path('bin') };
    const result = await home.rbgv(['config', 'set-key', '--keychain'], { env, input: KEY });
    expect([result.exitCode, result.stderr.includes('or leave --keychain out')]).toEqual([2, true]);
    expect((await home.rbgv(['config', 'list'])).stdout).toContain('production: no stored key');
  });
});
