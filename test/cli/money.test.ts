import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';

import { asService, createHome, serve, type Home } from './rbgv.ts';

const run = (...args: readonly string[]): readonly string[] => ['run', '--yes', ...args];

async function clips(home: Home, ...names: readonly string[]): Promise<readonly string[]> {
  for (const name of names) await home.clip(name);
  return names;
}

describe('a budget', () => {
  test('too small for the worst case ends in 5 and says what would fit; --fit starts that', async () => {
    const home = await createHome();
    const behaviour = { rounding: 'minute_up', usageShape: 'nested' } as const;
    const sandbox = await serve({ home, behaviour });
    const env = asService(sandbox);
    const names = await clips(home, 'c.mp4', 'a.mp4', 'b.mp4');
    const args = run('--max-credits', '130', '--order', 'name', ...names);
    const refused = await home.rbgv(args, { env });
    expect(refused.exitCode).toBe(5);
    expect(refused.stderr).toContain('costs 3 credits, at worst 180');
    expect(refused.stderr).toMatch(
      /2 clips would fit at up to 120 credits \(a\.mp4, b\.mp4\): --fit/,
    );
    expect(sandbox.requests().uploads).toBe(0);
    const nobody = ['--alert-url', 'http://127.0.0.1:9/secret-hook'];
    const fitted = await home.rbgv([...args, '--fit', ...nobody], { env });
    expect(fitted.exitCode).toBe(5);
    expect(fitted.stdout).toContain('2 done, 1 pending');
    expect(fitted.stdout).toContain('billed: 120 credits for 2 jobs, 2 estimated (+5,900 %)');
    expect(fitted.stderr).toContain('the alert could not be posted to 127.0.0.1:9');
    expect(fitted.stderr).not.toContain('secret-hook');
    expect(sandbox.charges()).toHaveLength(2);

    const job = sandbox.charges()[0]?.job_id ?? '';
    const lenient = await home.rbgv(['usage', '--reconcile'], { env });
    expect(lenient.exitCode).toBe(0);
    expect(lenient.stdout).toMatch(new RegExp(`charged otherwise than estimated +${job} +1 +60`));
    expect(lenient.stdout).toContain('(the service gives at most 100)');
    const strict = await home.rbgv(['usage', '--fail-on-drift', '5%', '--json'], { env });
    expect(strict.exitCode).toBe(9);
    const found = { bills: 2, billed_credits: 120, drift: 59 };
    expect(JSON.parse(strict.stdout)).toMatchObject({ reconciliation: found });
  });

  test('of a day holds for two programs at once', async () => {
    const home = await createHome();
    const sandbox = await serve({ home, behaviour: { rounding: 'minute_up' } });
    const env = asService(sandbox);
    await home.rbgv(['config', 'set', 'max-credits-day', '200']);
    const one = await clips(home, 'a.mp4', 'b.mp4', 'c.mp4');
    const monthly = await home.rbgv(run('--max-credits-month', '150', ...one), { env });
    expect([monthly.exitCode, monthly.stderr]).toEqual([
      5,
      expect.stringContaining("at worst 180; the month's budget of 150 has 150 left"),
    ]);
    const two = await clips(home, 'd.mp4', 'e.mp4', 'f.mp4');
    await Promise.all([one, two].map((names) => home.rbgv(run('--fit', ...names), { env })));
    const charged = sandbox.charges().reduce((sum, charge) => sum + charge.credits, 0);
    expect(charged).toBe(180);
  });

  test('posts an alert once, and says it on stderr and in --json', async () => {
    const home = await createHome();
    const behaviour = { rounding: 'minute_up', usageShape: 'nested' } as const;
    const env = asService(await serve({ home, behaviour }));
    const posted: unknown[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        posted.push(JSON.parse(body));
        response.end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    await home.clip('a.mp4');
    const alerts = ['--alert-url', url, '--alert-at', '50,60'];
    const args = run('--max-credits', '100', ...alerts, '--json', '--fail-on-drift', '5%', 'a.mp4');
    const { exitCode, stdout, stderr } = await home.rbgv(args, { env });
    expect(exitCode).toBe(9);
    expect(stderr).toContain('bills drift from the estimates by more than was allowed');
    const alert = { type: 'budget_alert', period: 'run', percent: 60, used_credits: 60 };
    expect(posted).toEqual([expect.objectContaining({ ...alert, version: 1, max_credits: 100 })]);
    expect(stdout).toContain('{"type":"budget_alert","period":"run"');
    expect(stderr).toContain("budget: 60 % of the run's 100 credits are spent or reserved (60)");
  });
});

test('a policy in the project is held against model, tags and caps before anything is sent', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  const env = asService(sandbox);
  await clips(home, 'b.mp4', 'c.mp4');
  const policy = {
    version: 1,
    allowed_models: ['light', 'human'],
    max_credits: { run: 50 },
    required_tags: ['customer'],
  };
  await writeFile(home.path('rbgv.policy.json'), JSON.stringify(policy));
  const tag = ['--tag', 'customer=acme'];
  const loose = ['--model', 'light', '--max-credits', '1000', ...tag];
  for (const [args, code, words] of [
    [['--model', 'pro', ...tag], 2, 'does not allow model `pro`'],
    [['--model', 'light'], 2, 'asks for the tags `customer`'],
    [loose, 5, "the run's budget of 50"],
  ] as const) {
    const result = await home.rbgv(run(...args, 'b.mp4', 'c.mp4'), { env });
    expect([result.exitCode, result.stderr]).toEqual([code, expect.stringContaining(words)]);
  }
  await writeFile(home.path('rbgv.policy.json'), '{"version":1,"base_url":"https://x.example"}');
  const refused = await home.rbgv(run(...loose, 'b.mp4'), { env });
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('is refused')]);
  expect(sandbox.requests().uploads).toBe(0);
});

test('rbgv usage agrees with an exact service, groups by tag, and notices dearer days', async () => {
  const home = await createHome();
  const behaviour = { listShape: 'data', usageShape: 'daily', creditsOnJob: true } as const;
  const env = asService(await serve({ home, behaviour }));
  const usage = (...args: readonly string[]) => home.rbgv(['usage', ...args], { env });
  const names = await clips(home, '1.mp4', '2.mp4', '3.mp4', '4.mp4', '5.mp4', 'new.mp4');
  const first = await home.rbgv(run('--tag', 'customer=acme', ...names.slice(0, 5)), { env });
  expect(first.stdout).toContain('billed: 5 credits for 5 jobs, as estimated');
  const agreed = await usage('--fail-on-drift', '0.1%');
  expect([agreed.exitCode, agreed.stdout]).toEqual([0, expect.stringContaining('no differences')]);
  expect(agreed.stdout).toContain('usage summary (5 credits');
  expect((await usage('--baseline', '30')).stdout).toContain('too few jobs before');

  // Five bills have shown that no started minute is charged: the worst case is the exact one.
  const tagged = ['--tag', 'customer=b, c', '--tag', 'feature=hero', '--max-credits', '1'];
  const second = await home.rbgv(run(...tagged, '1.mp4', 'new.mp4'), { env });
  expect(second.stderr).toContain(
    'at worst 1: each started second is billed, as 5 bills of the service show',
  );
  expect(second.exitCode).toBe(0);
  const estimated = await home.rbgv(['estimate', '--csv', '--model', 'pro', 'new.mp4'], { env });
  expect(estimated.stdout).toMatch(/rejected,at_worst_pro\n.*new\.mp4,1,3,,3$/);
  const by = ['--by', 'tag:customer'];
  const table = await usage(...by);
  expect(table.stdout).toMatch(/acme +5 +5 +0 +5 +0 +1 +0\nb, c +1 +1 +0 +1 +0 +1 +1/);
  expect((await usage(...by, '--csv')).stdout.split('\n')[2]).toBe('"b, c",1,1,0,1,1,0,1,1,1,1');
  expect((await usage(...by, '--plain')).stdout).toMatch(/\nacme\t5\t5\t0\t5\t5\t0\t1\t5\t0\t0/);
  const json = JSON.parse((await usage(...by, '--json')).stdout) as object;
  const acme = { name: 'acme', credits: 5, credits_per_output: 1, saved_credits: 0 };
  expect(json).toMatchObject({ by: 'tag:customer', groups: [acme, { saved_clips: 1 }] });

  // The five of the first run were ten days ago, and at half the price.
  const sql = new Database(join(home.state, 'ledger.db'));
  onTestFinished(() => void sql.close());
  const old = "(SELECT key FROM booking WHERE tags LIKE '%acme%')";
  sql.exec(`UPDATE job SET started_at = started_at - 864000000 WHERE key IN ${old}`);
  sql.exec(`UPDATE booking SET billed = billed / 2 WHERE key IN ${old}`);
  const warned = await usage('--baseline', '30');
  expect([warned.exitCode, warned.stderr]).toEqual([0, expect.stringContaining('warning:')]);
  const failed = await usage('--fail-on-deviation', '25%');
  expect([failed.exitCode, failed.stdout]).toEqual([9, expect.stringContaining('spend deviate')]);
  const [newest = ''] = await clips(home, 'newest.mp4');
  const last = await home.rbgv(run('--fail-on-deviation', '25%', newest), { env });
  expect([last.exitCode, last.stderr]).toEqual([
    9,
    expect.stringContaining('spend of `original`: not as in the 30 days before'),
  ]);
});

test.each([
  [run('--alert-url', 'http://example.com/hook', 'a.mp4'), 'only https is allowed'],
  [run('--alert-at', '0', 'a.mp4'), 'from 1 to 100'],
  [run('--tag', 'customer', 'a.mp4'), 'is refused'],
  [['usage', '--fail-on-drift', 'much'], 'Give a percentage'],
  [['usage', '--by', 'colour'], 'cannot be grouped'],
])('%j is explained and exits 2', async (args, words) => {
  const home = await createHome();
  const result = await home.rbgv(args);
  expect([result.exitCode, result.stderr]).toEqual([2, expect.stringContaining(words)]);
});
