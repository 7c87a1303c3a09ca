import { expect, test } from 'vitest';

import { asService, createHome, serve } from './rbgv.ts';

test('the wallet knows what runs spend, says whether a batch fits, and warns when little is left', async () => {
  const home = await createHome();
  const env = asService(await serve({ home }));
  await home.clip('in/a.mp4');
  await home.clip('in/b.mp4');
  const added = await home.rbgv(['credits', 'add', '2', '--expires', '90d', '--label', 'S'], {
    env,
  });
  expect(added.exitCode).toBe(0);
  const estimate = await home.rbgv(['estimate', 'in'], { env });
  expect(estimate.stdout).toContain(
    "wallet: 2 credits by rbgv's own books; original fits, but not at worst; light fits, but not at worst; pro does not fit; human fits, but not at worst",
  );
  const run = await home.rbgv(['run', '--yes', 'in'], { env });
  expect(run.stderr).toContain('this fits and leaves 0; at worst it is 118 more than that');
  expect(run.stderr).toContain('wallet: 95 % of its 2 credits are used up (2)');
  const { stdout } = await home.rbgv(['credits', '--json'], { env });
  expect(JSON.parse(stdout)).toMatchObject({ left: 0, granted: 2, overdrawn: 0, lots: [] });
  const outlook = await home.rbgv(['credits', 'forecast'], { env });
  expect(outlook.stdout).toMatch(/pace: 2 a day, 60\.88 a month[^]*run out on/);
});

test('a run alerts of what is used up, and says that backup credits go and which expire soon', async () => {
  const home = await createHome();
  const env = asService(await serve({ home }));
  for (const name of ['in/a.mp4', 'in/b.mp4']) await home.clip(name);
  await home.rbgv(['credits', 'add', '1'], { env });
  const spare = ['--backup', '--expires', '5d', '--label', 'spare'];
  await home.rbgv(['credits', 'add', '50', ...spare], { env });
  const run = await home.rbgv(['run', '--yes', '--json', '--alert-at', '3', 'in'], { env });
  expect(run.stdout).toContain('{"type":"budget_alert","period":"wallet"');
  expect(run.stdout).toContain('"percent":3,"used_credits":2,"max_credits":51');
  expect(run.stderr).toContain('wallet: backup credits are being spent now');
  expect(run.stderr).toMatch(/warning: \d+ credits of `spare` will expire unused on \d{4}-/);
});

test('amounts and dates that cannot be are refused with an example', async () => {
  const home = await createHome();
  for (const args of [
    ['add', 'x'],
    ['add', '5', '--expires', 'soon'],
    ['set', '-3'],
    ['add', '5', '--monthly', '--expires', '3d'],
  ]) {
    const { exitCode, stderr } = await home.rbgv(['credits', ...args]);
    expect([args, exitCode, stderr.length > 20]).toEqual([args, 2, true]);
  }
  expect((await home.rbgv(['credits'])).stdout).toContain('no credits are written down');
});
