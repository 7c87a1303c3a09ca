import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';

import { asService, createHome, serve } from './rbgv.ts';

interface Report {
  readonly passed: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly status: string;
    readonly fix?: string;
  }[];
}

test('the doctor looks at tools, ledger, results, key, service and prices, and spends nothing', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  const result = await home.rbgv(['doctor', '--json'], { env: asService(sandbox) });
  const report = JSON.parse(result.stdout) as Report;
  expect([result.exitCode, report.passed]).toEqual([0, true]);
  expect(report.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'ffmpeg ok',
    'ledger ok',
    'results ok',
    'key ok',
    'service ok',
    'clock ok',
    'auth ok',
    'prices ok',
  ]);
  expect(await home.rbgv(['doctor'])).toMatchObject({ exitCode: 0 });
});

test('a refused key is a finding with what mends it, exit 9', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  const result = await home.rbgv(['doctor'], { env: asService(sandbox, 'wrong-key') });
  expect(result.exitCode).toBe(9);
  expect(result.stdout).toMatch(/^ok {4}ledger[^]*^FAIL {2}service +.*key.*\n {16}\S/m);
});

test('an unreachable service and a wrong clock are said, each with its remedy', async () => {
  const home = await createHome();
  const refused = await home.rbgv(['doctor'], {
    env: { RBGV_BASE_URL: 'http://127.0.0.1:9', REMOVEBGVIDEO_API_KEY: 'k1' },
  });
  expect(refused).toMatchObject({ exitCode: 9 });
  expect(refused.stdout).toMatch(/^FAIL {2}service /m);

  const server = createServer((_request, response) => {
    response.setHeader('date', new Date(Date.now() - 7_200_000).toUTCString());
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const late = await home.rbgv(['doctor'], {
    env: { RBGV_BASE_URL: `http://127.0.0.1:${port}`, REMOVEBGVIDEO_API_KEY: 'k1' },
  });
  expect(late.stdout).toMatch(
    /^warn {2}clock +7[12]\d\d s ahead of the service's\n +set the time/m,
  );
});
