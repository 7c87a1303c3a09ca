import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { junitXml } from '../../src/cli/smoke/junit.ts';
import { asService, createHome, serve } from './rbgv.ts';

describe('rbgv smoke', () => {
  test('passes on the embedded default, with a report for machines', async () => {
    const home = await createHome();
    const result = await home.rbgv(['smoke', '--json']);
    const report = JSON.parse(result.stdout) as {
      passed: boolean;
      credits: number;
      checks: { name: string; passed: boolean }[];
    };
    expect([result.exitCode, report.passed, report.credits]).toEqual([0, true, 0.75]);
    expect(report.checks.map(({ name }) => name)).toEqual([
      'health',
      'pricing',
      'valid key',
      'invalid key',
      'unknown job',
      'failure path',
      'success path',
      'billing',
    ]);
  });

  test('never spends over its ceiling, and exits 9', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    const result = await home.rbgv(['smoke', '--max-credits', '0.5'], { env: asService(sandbox) });
    expect(result.exitCode).toBe(9);
    expect(result.stdout).toContain('over the ceiling');
    expect(sandbox.charges()).toEqual([]);
  });

  test('exits 9 when the service does not answer', async () => {
    const home = await createHome();
    const env = { RBGV_BASE_URL: 'http://127.0.0.1:9', REMOVEBGVIDEO_API_KEY: 'offline-key-1' };
    const sandbox = await serve({
      home,
      faults: [{ endpoint: 'health', every: 1, kind: 'status', status: 401 }],
    });
    expect((await home.rbgv(['smoke'], { env: { ...env, ...asService(sandbox) } })).exitCode).toBe(
      9,
    );
  });

  test('fails when the service takes any key', async () => {
    const home = await createHome();
    const sandbox = await serve({ home, keys: ['rbgv-smoke-no-such-key', 'test-secret-key-42'] });
    const result = await home.rbgv(['smoke'], { env: asService(sandbox) });
    expect(result.exitCode).toBe(9);
    expect(result.stdout).toContain('FAIL  invalid key: an unknown key was not refused');
    expect(result.stdout).toContain('pass  success path');
  });

  test('fails when the service bills more than was estimated', async () => {
    const home = await createHome();
    const sandbox = await serve({ home, behaviour: { rounding: 'minute_up' } });
    const result = await home.rbgv(['smoke', '--junit', 'out.xml'], { env: asService(sandbox) });
    expect(result.exitCode).toBe(9);
    expect(result.stdout).toMatch(
      /FAIL {2}billing: the service billed 45 credits, booked are 0\.75/,
    );
    const xml = await readFile(home.path('out.xml'), 'utf8');
    expect(xml).toContain('tests="8" failures="1"');
    expect(xml).toMatch(/name="billing" [^>]+>\n +<failure message="the service billed 45/);
  });

  test('a report stays well-formed whatever a service answers', () => {
    const detail = '</failure> & "quoted" \u001b[2J\u0000';
    const xml = junitXml('p', [{ name: 'a<b', passed: false, detail, milliseconds: 5 }]);
    expect(xml).toContain('name="a&lt;b" time="0.005"');
    expect(xml).toContain('message="&lt;/failure&gt; &amp; &quot;quoted&quot; ?[2J?"');
  });
});
