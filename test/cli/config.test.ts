import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { createHome } from './rbgv.ts';

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
