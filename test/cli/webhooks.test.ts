import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { execa } from 'execa';
import { expect, test } from 'vitest';

import { asService, createHome, serve } from './rbgv.ts';

const SECRET = 'whsec-0123456789';

/** An address on this machine at which nobody listens. */
async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

test('a run tells the service where to send webhooks, and takes them', async () => {
  const home = await createHome();
  const sandbox = await serve({ home, webhookSecret: SECRET });
  await home.clip('clip.mp4');
  const address = await freeAddress();
  const flags = ['--webhook-url', `http://${address}/hook`, '--webhook-listen', address];
  const env = { ...asService(sandbox), RBGV_WEBHOOK_SECRET: `older ${SECRET}` };
  const run = await home.rbgv(['run', '--yes', '--profile', 'production', ...flags, 'clip.mp4'], {
    env,
  });
  expect(run.exitCode, run.stderr).toBe(0);
  expect(run.stdout + run.stderr).not.toContain(SECRET);
  const headers = { 'x-api-key': 'test-secret-key-42' };
  const answer = await fetch(`${sandbox.url}/v1/jobs`, { headers });
  expect(await answer.json()).toMatchObject({
    items: [{ webhook_events: { 'job.started': 'sent', 'job.completed': 'sent' } }],
  });
});

test.each([
  [['--webhook-url', 'http://198.51.100.7/'], { RBGV_WEBHOOK_SECRET: SECRET }, 'webhooks’ address'],
  [['--webhook-url', 'https://hooks.example/'], {}, 'no webhook secret'],
  [
    ['--webhook-url', 'https://hooks.example/', '--webhook-listen', '8788'],
    { RBGV_WEBHOOK_SECRET: SECRET },
    'no address to listen on',
  ],
])('%j is refused before anything is sent', async (flags, env, words) => {
  const home = await createHome(env);
  await home.clip('clip.mp4');
  const { exitCode, stderr } = await home.rbgv(['run', '--yes', ...flags, 'clip.mp4']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(words.replace('’', "'"));
});

test('rbgv listen prints each genuine webhook as a line of JSON', async () => {
  const home = await createHome();
  const secretFile = home.path('secret');
  await writeFile(secretFile, `${SECRET}\n`);
  const address = await freeAddress();
  const env = { RBGV_WEBHOOK_SECRET_FILE: secretFile };
  const open = await home.rbgv(['listen', '--webhook-listen', address], { env });
  expect(open.exitCode).toBe(2);
  expect(open.stderr).toContain('chmod 600');

  await chmod(secretFile, 0o600);
  const listening = execa('node', [home.program, 'listen', '--webhook-listen', address], {
    env: { ...env, RBGV_CONFIG_DIR: home.path('config'), RBGV_STATE_DIR: home.state },
    reject: false,
  });
  await once(listening.stderr, 'data');
  const body = '{"event":"job.failed","data":{"id":"job_7"}}';
  const timestamp = new Date().toISOString();
  const mac = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
  const send = (signature: string): Promise<Response> =>
    fetch(`http://${address}/`, {
      method: 'POST',
      headers: { 'x-webhook-timestamp': timestamp, 'x-webhook-signature': signature },
      body,
    });
  expect((await send('sha256=')).status).toBe(401);
  expect((await send(`sha256=${mac}`)).status).toBe(204);
  listening.kill('SIGINT');
  const { exitCode, stdout } = await listening;
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    type: 'webhook',
    event: 'job.failed',
    job_id: 'job_7',
    body: { data: { id: 'job_7' } },
  });
});
