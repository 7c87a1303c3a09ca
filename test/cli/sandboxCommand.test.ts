import { stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { createHome, type Home } from './rbgv.ts';

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
