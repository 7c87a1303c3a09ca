import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { asService, createHome, serve } from './rbgv.ts';

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

  test('is rebuilt with former keys too, whose jobs no other key can see', async () => {
    const home = await createHome();
    const [former, current, refused] = ['former-key-0001', 'current-key-001', 'refused-key-001'];
    const sandbox = await serve({ home, keys: [former, current] });
    await home.clip('a.mp4');
    await home.clip('b.mp4');
    await home.rbgv(['run', '--yes', 'a.mp4'], { env: asService(sandbox, former) });
    await home.rbgv(['run', '--yes', 'b.mp4'], { env: asService(sandbox, current) });
    await rm(home.state, { recursive: true });
    await writeFile(home.path('former.key'), former, { mode: 0o600 });
    await writeFile(home.path('refused.key'), refused, { mode: 0o600 });
    const env = {
      ...asService(sandbox, current),
      RBGV_PREVIOUS_API_KEY_FILES: `${home.path('refused.key')}:${home.path('former.key')}`,
    };
    const adopted = await home.rbgv(['adopt'], { env });
    expect(adopted.stdout).toBe("2 jobs at the service, 2 of rbgv's, 2 taken into the ledger");
    expect(adopted.stderr).toContain('1 former key is refused');
    const run = await home.rbgv(['run', '--yes', 'a.mp4', 'b.mp4'], { env });
    expect(run.stdout).toContain('2 done, 0 credits');
    expect(sandbox.charges()).toHaveLength(2);
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
