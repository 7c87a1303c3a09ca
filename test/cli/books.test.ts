import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { asService, createHome, serve } from './rbgv.ts';

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
