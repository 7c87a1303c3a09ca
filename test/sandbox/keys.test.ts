import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { ADMIN, KEY } from './doubles.ts';
import { clientOf, open, tempFolder, type Body } from './support.ts';

test('a key made at the admin door works at once, after a restart, and is never written down', async () => {
  const dataDir = await tempFolder();
  const first = await open({ dataDir, behaviour: { startingCredits: 3 } });
  const made = await clientOf(first.url).post('/v1/admin/keys', { client_id: 'acme', note: 'x' });
  expect(made.body).toMatchObject({ client_id: 'acme', note: 'x', enabled: true });
  const { api_key: apiKey, key_fingerprint: fingerprint } = made.body as unknown as {
    readonly api_key: string;
    readonly key_fingerprint: string;
  };
  expect((await clientOf(first.url, apiKey).started(10)).status).toBe(402);
  await first.close();

  const second = await open({ dataDir });
  const client = clientOf(second.url, apiKey);
  expect((await client.get('/v1/jobs')).status).toBe(200);
  const { body } = await client.get('/v1/admin/keys');
  expect((body['items'] as Body[]).map((item) => item['key_fingerprint'])).toContain(fingerprint);
  expect(JSON.stringify(body)).not.toContain(apiKey);
  expect(await readFile(join(dataDir, 'accounts.jsonl'), 'utf8')).not.toContain(apiKey);
});

test('a disabled key answers 401 until it is enabled, across a restart', async () => {
  const dataDir = await tempFolder();
  const first = await open({ dataDir, behaviour: { disabledKeyCode: 'key_disabled' } });
  const client = clientOf(first.url);
  const { body } = await client.get('/v1/admin/keys');
  const key_fingerprint = (body['items'] as Body[])[0]?.['key_fingerprint'];
  await client.post('/v1/admin/keys/disable', { key_fingerprint });
  const refused = await client.get('/v1/jobs');
  expect([refused.status, refused.body.error.code]).toEqual([401, 'key_disabled']);
  await first.close();

  const second = clientOf((await open({ dataDir })).url);
  expect((await second.get('/v1/jobs')).body.error.code).toBe('invalid_api_key');
  await second.post('/v1/admin/keys/enable', { key_fingerprint });
  expect((await second.get('/v1/jobs')).status).toBe(200);
});

test('a key that is no longer among the options is no longer accepted', async () => {
  const dataDir = await tempFolder();
  await (await open({ dataDir })).close();
  const { url } = await open({ dataDir, keys: ['another'] });
  expect((await clientOf(url).get('/v1/jobs')).status).toBe(401);
  expect((await clientOf(url, 'another').get('/v1/jobs')).status).toBe(200);
});

test.each(['/v1/admin/keys', '/v1/admin/config', '/sandbox/balance', '/sandbox/requests'])(
  '%s opens with the admin token alone, and not at all where none was set',
  async (path) => {
    const { url } = await open();
    const status = async (origin: string, headers: Record<string, string>): Promise<number> => {
      const response = await fetch(`${origin}${path}`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    expect(await status(url, { 'x-admin-token': ADMIN })).toBe(200);
    expect(await status(url, { 'x-admin-token': 'wrong' })).toBe(401);
    expect(await status(url, { 'x-api-key': KEY })).toBe(401);
    const closed = await open({ adminToken: '' });
    expect(await status(closed.url, { 'x-admin-token': '' })).toBe(404);
  },
);

test('the admin door can ask for a key as well', async () => {
  const { url } = await open({ behaviour: { adminAuth: 'token_and_key' } });
  const headers = { 'x-admin-token': ADMIN };
  expect((await fetch(`${url}/v1/admin/keys`, { headers })).status).toBe(401);
  expect((await clientOf(url).get('/v1/admin/keys')).status).toBe(200);
});

test('a bad admin request is refused with the envelope', async () => {
  const client = clientOf((await open()).url);
  const unknown = await client.post('/v1/admin/keys/disable', { key_fingerprint: 'nope' });
  expect([unknown.status, unknown.body.error.code]).toEqual([404, 'not_found']);
  expect((await client.post('/v1/admin/keys', {})).status).toBe(400);
  const nobody = await client.post('/sandbox/balance', { key_fingerprint: 'nope', credits: 1 });
  expect(nobody.status).toBe(400);
});
