import { expect, test } from 'vitest';

import type { Behaviour } from '../../src/sandbox/behaviour.ts';
import type { WorkRequest } from '../../src/sandbox/work.ts';
import { clip, quickWork } from './doubles.ts';
import { clientOf, open } from './support.ts';

/** A client, and what the engine was asked to do for it. */
async function watched(behaviour: Partial<Behaviour>) {
  const seen: WorkRequest[] = [];
  const { url, charges } = await open({
    behaviour,
    work: (request, context) => {
      seen.push(request);
      return quickWork(request, context);
    },
  });
  const client = clientOf(url);
  const { body } = await client.upload(clip(2));
  const create = (fields: object) =>
    client.post('/v1/jobs', { video_url: body.video_url, auto_start: false, ...fields });
  const run = async (fields: object, start: object = {}) => {
    const { id } = (await create(fields)).body;
    await client.post(`/v1/jobs/${id}/start`, start);
    return client.ended(id);
  };
  return { ...client, url, create, run, seen, charges, videoUrl: body.video_url };
}

test.each([
  [{ bgTypes: 'names' }, { bg_type: 'color', bg_color: [1, 0, 0] }, 400],
  [{ bgTypes: 'names' }, { bg_type: 'blue' }, 200],
  [{ bgTypes: 'kinds' }, { bg_type: 'blue' }, 400],
  [{ bgTypes: 'kinds' }, { background: { type: 'color', color: '#ff0000' } }, 200],
  [{ colorRange: '8bit' }, { bg_type: 'custom', bg_color: [9, 162, 70] }, 200],
  [{ colorRange: '8bit' }, { bg_type: 'custom', bg_color: [9, 162, 256] }, 400],
  [{ colorRange: 'either' }, { bg_type: 'custom', bg_color: [9, 162, 70] }, 200],
  [{ requiredFields: 'guide' }, { model: 'pro', output_format: 'webm' }, 400],
  [{ requiredFields: 'guide' }, { model: 'pro', output_format: 'webm', bg_type: 'blue' }, 200],
  [{ unknownFields: 'refused' }, { colour: 'blue' }, 400],
  [{}, { colour: 'blue' }, 200],
  [{ promptForOtherModels: 'refused' }, { model: 'light', text_prompt: 'dog' }, 400],
  [{ promptForOtherModels: 'refused' }, { model: 'pro', text_prompt: 'dog' }, 200],
  [{ promptMaxLength: 5 }, { model: 'pro', text_prompt: 'dog, cat' }, 400],
  [{ maxDurationSeconds: 1.5 }, {}, 400],
  [{ webhookHttpsOnly: true }, { webhook_url: 'http://127.0.0.1:1/' }, 400],
  [{}, { composition: { canvas: { width: 1, height: 720 } } }, 400],
  [{}, { composition: { canvas: { width: 1280.5, height: 720 } } }, 400],
  [{}, { composition: { foreground: { anchor: 'middle' } } }, 400],
  [{}, { composition: { foreground: { scale: 0 } } }, 400],
  [{}, { composition: { foreground: { offset: { x: 'left' } } } }, 400],
] as const)(
  'with the knobs %j a create with %j is answered %d',
  async (behaviour, fields, status) => {
    const { create } = await watched(behaviour);
    expect((await create(fields)).status).toBe(status);
  },
);

test('colours are read in the range of the service', async () => {
  const eight = await watched({ colorRange: 'either' });
  await eight.run({ bg_type: 'custom', bg_color: [9, 162, 70] });
  await eight.run({ bg_type: 'custom', bg_color: [1, 0, 0] });
  expect(eight.seen.map(({ background }) => background)).toEqual([
    { type: 'color', rgb: [9, 162, 70] },
    { type: 'color', rgb: [255, 0, 0] },
  ]);
});

test.each(['flat', 'nested'] as const)(
  'a service that speaks the %s style does not hear the other',
  async (backgroundStyle) => {
    const { run, seen } = await watched({ backgroundStyle });
    await run({ bg_type: 'white', background: { type: 'color', color: '#000000' } });
    const level = backgroundStyle === 'flat' ? 255 : 0;
    expect(seen[0]?.background).toEqual({ type: 'color', rgb: [level, level, level] });
  },
);

test('a transparent mp4 can be delivered on white', async () => {
  const { run, seen } = await watched({ transparentMp4: 'flattened' });
  await run({ output_format: 'mp4' });
  expect(seen[0]?.background).toEqual({ type: 'color', rgb: [255, 255, 255] });
});

test('a composition reaches the engine whole, from create or start', async () => {
  const { run, seen } = await watched({});
  const composition = {
    canvas: { width: 1280, height: 720 },
    foreground: { anchor: 'bottom-center', scale: 0.8, offset: { x: 0, y: -20 } },
  };
  await run({ composition });
  await run({ composition: { foreground: { anchor: 'top-left' } } }, { composition });
  expect(seen.map((request) => request.composition)).toEqual([composition, composition]);
  const deaf = await watched({ compositionOnCreate: 'ignored' });
  await deaf.run({ composition });
  expect(deaf.seen[0]).not.toHaveProperty('composition');
});

test('a webhook URL can be dropped at the start', async () => {
  const { run } = await watched({ webhookOnStart: 'ignored' });
  expect(await run({}, { webhook_url: 'http://127.0.0.1:1/' })).not.toHaveProperty('webhook_url');
});

test.each([
  ['ignored', 3],
  ['honoured', 1],
] as const)('an idempotency key can be %s', async (idempotencyKey, jobs) => {
  const { url, videoUrl, get } = await watched({ idempotencyKey });
  const create = () =>
    fetch(`${url}/v1/jobs`, {
      method: 'POST',
      headers: { 'x-api-key': 'test-key-1', 'idempotency-key': 'one' },
      body: JSON.stringify({ video_url: videoUrl, auto_start: false }),
    });
  await Promise.all([create(), create()]);
  expect((await create()).status).toBe(200);
  expect((await get('/v1/jobs')).body).toMatchObject({ total: jobs });
});

test('the legacy endpoints need no key, and their jobs are had by their id alone', async () => {
  const { url, get, charges, ended } = await watched({});
  const form = new FormData();
  form.set('file', new Blob([clip(3)]), 'clip.mp4');
  const uploaded = await fetch(`${url}/api/upload`, { method: 'POST', body: form });
  const { video_url } = (await uploaded.json()) as { readonly video_url: string };
  const process = async (headers: Record<string, string>): Promise<string> => {
    const body = JSON.stringify({ video_url });
    const response = await fetch(`${url}/api/process`, { method: 'POST', headers, body });
    return ((await response.json()) as { readonly id: string }).id;
  };
  const id = await process({});
  await expect.poll(async () => (await get(`/api/download/${id}`)).status).toBe(200);
  expect((await get(`/v1/jobs/${id}`)).status).toBe(404);
  expect(charges()).toMatchObject([{ job_id: id, key: 'anonymous', credits: 3 }]);
  const mine = await process({ 'x-api-key': 'test-key-1' });
  expect((await ended(mine)).status).toBe('completed');
});

test('the legacy endpoints can be gone', async () => {
  const { post } = await watched({ legacyEndpoints: false });
  expect((await post('/api/process')).status).toBe(404);
});
