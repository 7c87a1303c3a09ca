import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { jobAccepted, jobAnswer, uploadAnswer } from '../../src/api/wire.ts';
import type { Work } from '../../src/sandbox/work.ts';
import { clip, endlessWork, failingWork, OTHER_KEY, quickWork } from './doubles.ts';
import { clientOf, open, tempFolder, type Body } from './support.ts';

test('a clip goes from upload over a draft and its start to a file that can be downloaded', async () => {
  const { url } = await open();
  const client = clientOf(url);
  const upload = uploadAnswer.parse((await client.upload(clip(12), 'holiday.mp4')).body);
  expect(upload).toMatchObject({ success: true, filename: 'holiday.mp4', size: 10 });

  const draft = (await client.post('/v1/jobs', { video_url: upload.video_url, auto_start: false }))
    .body;
  expect(jobAccepted.parse(draft)).toMatchObject({ success: true, status: 'created' });
  const before = jobAnswer.parse((await client.get(`/v1/jobs/${draft.id}`)).body);
  expect(before).toMatchObject({ progress: 0, output_url: null, billing_status: null });

  const started = await client.post(`/v1/jobs/${draft.id}/start`);
  expect(started.body).toMatchObject({ id: draft.id, status: 'processing' });
  const done = jobAnswer.parse(await client.ended(draft.id));
  expect(done).toMatchObject({
    status: 'completed',
    progress: 100,
    error: null,
    duration_seconds: 12,
    billing_status: 'charged',
    sandbox: { engine: 'test', warnings: [] },
  });
  const output = await fetch(String(done.output_url));
  expect(await output.text()).toBe(`matted ${clip(12)}`);
  expect(output.headers.get('content-type')).toBe('video/webm');
  const link = await client.get(`/api/download/${draft.id}`);
  expect(link.body).toEqual({
    success: true,
    download_url: done.output_url,
    output_format: 'webm',
  });
});

test('a create starts the job at once unless it says otherwise', async () => {
  const { url, charges } = await open();
  const client = clientOf(url);
  const { body } = await client.upload(clip(10));
  const created = await client.post('/v1/jobs', { video_url: body.video_url });
  expect(created.body.status).toBe('processing');
  expect(charges()).toHaveLength(1);
});

test('a failed job says why, with a code', async () => {
  const { url } = await open({ work: failingWork });
  const client = clientOf(url);
  const id = await client.draft(10);
  await client.post(`/v1/jobs/${id}/start`);
  expect(await client.ended(id)).toMatchObject({
    status: 'failed',
    error: 'sandbox_no_confident_matte: nothing moves',
    output_url: null,
  });
});

test('an engine that breaks down fails the job, not the server', async () => {
  const { url } = await open({ work: () => Promise.reject(new Error('out of paint')) });
  const client = clientOf(url);
  const id = await client.draft(10);
  await client.post(`/v1/jobs/${id}/start`);
  const { error } = await client.ended(id);
  expect(error).toMatch(/^sandbox_engine_failed: .*out of paint/);
});

test('the engine is told the settings of the create, with those of the start in their place', async () => {
  const requests: unknown[] = [];
  const work: Work = (request, context) => {
    requests.push(request);
    return quickWork(request, context);
  };
  const dataDir = await tempFolder();
  const { url } = await open({ work, dataDir });
  const client = clientOf(url);
  const id = await client.draft(10, {
    model: 'light',
    output_format: 'mp4',
    bg_type: 'custom',
    bg_color: [0.035, 0.635, 0.274],
    metadata: { rbgv_k: 'abc' },
  });
  await client.post(`/v1/jobs/${id}/start`, {
    model: 'pro',
    text_prompt: 'dog',
    preview_duration: 3,
    composition: { canvas: { width: 100, height: 100 } },
  });
  const job = await client.ended(id);
  expect(job['metadata']).toEqual({ rbgv_k: 'abc' });
  expect(requests).toEqual([
    {
      jobId: id,
      inputPath: expect.stringContaining(join(dataDir, 'uploads')) as string,
      outputPath: join(dataDir, 'outputs', `${id}.mp4`),
      model: 'pro',
      format: 'mp4',
      background: { type: 'color', rgb: [9, 162, 70] },
      prompt: 'dog',
      previewSeconds: 3,
      composition: {
        canvas: { width: 100, height: 100 },
        foreground: { anchor: 'center', scale: 1, offset: { x: 0, y: 0 } },
      },
      durationSeconds: 10,
    },
  ]);
});

test.each([
  ['a name', { bg_type: 'white' }, [255, 255, 255]],
  ['flat RGB', { bg_type: 'color', bg_color: [1, 0, 0] }, [255, 0, 0]],
  ['nested hex', { background: { type: 'color', color: '#09A246' } }, [9, 162, 70]],
  ['nested RGB', { background: { type: 'color', color: [0, 1, 0] } }, [0, 255, 0]],
  [
    'both, agreeing',
    { bg_type: 'blue', background: { type: 'color', color: '#0000ff' } },
    [0, 0, 255],
  ],
])('a background colour can be given as %s', async (_, fields, rgb) => {
  const seen: unknown[] = [];
  const work: Work = (request, context) => {
    seen.push(request.background);
    return quickWork(request, context);
  };
  const { url } = await open({ work });
  const client = clientOf(url);
  const id = await client.draft(1, fields);
  await client.post(`/v1/jobs/${id}/start`);
  await client.ended(id);
  expect(seen).toEqual([{ type: 'color', rgb }]);
});

test('an image background comes from an upload or from inside the request', async () => {
  const images: string[] = [];
  const work: Work = async (request, context) => {
    if (request.background.type === 'image') {
      images.push(await readFile(request.background.path, 'utf8'));
    }
    return quickWork(request, context);
  };
  const { url } = await open({ work });
  const client = clientOf(url);
  const { body: image } = await client.upload('a picture', 'beach.png');
  const inline = `data:image/png;base64,${Buffer.from('another').toString('base64')}`;
  const ids = [
    await client.draft(1, { bg_type: 'image', bg_image_url: image.video_url }),
    await client.draft(1, { background: { type: 'image', image_url: inline } }),
  ];
  for (const id of ids) {
    await client.post(`/v1/jobs/${id}/start`);
    expect((await client.ended(id)).status).toBe('completed');
  }
  expect(images).toEqual(['a picture', 'another']);
});

test.each([
  ['no video', {}, /video_url/],
  ['an external video', { video_url: 'https://example.com/a.mp4' }, /fetches nothing/],
  ['no URL at all', { video_url: 'clip.mp4' }, /not a URL/],
  [
    'an upload that does not exist',
    { video_url: 'http://127.0.0.1:1/uploads/00000000-0000-0000-0000-000000000000.mp4' },
    /not found/,
  ],
  [
    'a path out of the folder',
    { video_url: 'http://127.0.0.1:1/uploads/../journal.jsonl' },
    /fetches/,
  ],
  ['an unknown model', { model: 'best' }, /model/],
  ['an unknown format', { output_format: 'mkv' }, /output_format/],
  ['a transparent mp4', { output_format: 'mp4' }, /transparent/],
  ['an unknown background', { bg_type: 'rainbow' }, /bg_type/],
  ['a colour without its value', { bg_type: 'custom' }, /bg_color/],
  ['an 8-bit colour', { bg_type: 'custom', bg_color: [9, 162, 70] }, /0 to 1/],
  ['an image without its URL', { bg_type: 'image' }, /bg_image_url/],
  [
    'an external image',
    { bg_type: 'image', bg_image_url: 'https://example.com/a.png' },
    /fetches nothing/,
  ],
  [
    'contradicting backgrounds',
    { bg_type: 'white', background: { type: 'transparent' } },
    /contradict/,
  ],
  ['a draft flag that is no boolean', { auto_start: 'no' }, /auto_start/],
])('a create with %s is refused with 400', async (_, fields, message) => {
  const { url, charges } = await open();
  const client = clientOf(url);
  const { body } = await client.upload(clip(1));
  const given = Object.keys(fields).length === 0 ? {} : { video_url: body.video_url, ...fields };
  const answer = await client.post('/v1/jobs', given);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(message) as string,
    request_id: expect.stringMatching(/^req_/) as string,
  });
  expect(charges()).toEqual([]);
});

test('a clip that cannot be read as video is refused at create', async () => {
  const { url } = await open();
  const client = clientOf(url);
  const { body } = await client.upload('just text');
  expect((await client.post('/v1/jobs', { video_url: body.video_url })).status).toBe(400);
});

test.each([
  ['without a key', {}, 401, 'missing_api_key'],
  ['with an unknown key', { 'x-api-key': 'nope' }, 401, 'invalid_api_key'],
])('a call %s is refused', async (_, headers, status, code) => {
  const { url } = await open();
  const response = await fetch(`${url}/v1/jobs`, { headers: headers as Record<string, string> });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code } });
});

test('a job is unknown to every key but its own', async () => {
  const { url } = await open();
  const id = await clientOf(url).draft(10);
  const stranger = clientOf(url, OTHER_KEY);
  for (const answer of [
    await stranger.get(`/v1/jobs/${id}`),
    await stranger.post(`/v1/jobs/${id}/start`),
    await stranger.get('/v1/jobs/job_unknown'),
  ]) {
    expect(answer.status).toBe(404);
    expect(answer.body.error).toMatchObject({ code: 'not_found', message: 'Job not found' });
  }
  expect((await stranger.get('/v1/jobs')).body).toMatchObject({ items: [], total: 0 });
});

test('every refusal carries the error envelope', async () => {
  const { url } = await open();
  const client = clientOf(url);
  const id = await client.draft(10);
  const answers = [
    [404, await client.get('/no/such/route')],
    [404, await client.get('/outputs/job_unknown.webm')],
    [404, await client.get('/outputs/..%2fjournal.jsonl')],
    [404, await client.get('/api/download/job_unknown')],
    [400, await client.get(`/api/download/${id}`)],
    [400, await client.get('/v1/jobs?limit=0')],
    [400, await client.get('/v1/jobs?status=cancelled')],
    [400, await client.get('/v1/usage/summary?days=91')],
    [400, await client.get('/v1/usage/events?limit=101')],
  ] as const;
  for (const [status, answer] of answers) {
    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatchObject({
      code: expect.any(String) as string,
      message: expect.any(String) as string,
      request_id: expect.any(String) as string,
    });
  }
  const broken = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'x-api-key': 'test-key-1' },
    body: '{"video_url":',
  });
  expect(broken.status).toBe(400);
});

test('the list pages through the newest jobs first and filters by status', async () => {
  const { url } = await open({ work: endlessWork, behaviour: { listPageCap: 2 } });
  const client = clientOf(url);
  const ids = [await client.draft(1), await client.draft(2), await client.draft(3)];
  await client.post(`/v1/jobs/${ids[1] ?? ''}/start`);
  const list = async (query: string): Promise<unknown[]> => {
    const { body } = await client.get(`/v1/jobs?${query}`);
    return (body['items'] as Body[]).map(({ id }) => id);
  };
  expect(await list('')).toEqual([ids[2], ids[1]]);
  expect(await list('limit=1&offset=2')).toEqual([ids[0]]);
  expect(await list('status=processing')).toEqual([ids[1]]);
  expect(await list('status=created')).toEqual([ids[2], ids[0]]);
});

test('no more jobs are worked at the same time than there are slots', async () => {
  let running = 0;
  let most = 0;
  let allSlotsTaken = (): void => undefined;
  const full = new Promise<void>((resolve) => (allSlotsTaken = resolve));
  const work: Work = async (request, context) => {
    running += 1;
    most = Math.max(most, running);
    if (running === 3) allSlotsTaken();
    await full;
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return quickWork(request, context);
  };
  const { url } = await open({ work, workers: 3 });
  const client = clientOf(url);
  const ids = await Promise.all(Array.from({ length: 9 }, () => client.draft(1)));
  await Promise.all(ids.map((id) => client.post(`/v1/jobs/${id}/start`)));
  const ended = await Promise.all(ids.map((id) => client.ended(id)));
  expect(ended.map((job) => job.status)).toEqual(ids.map(() => 'completed'));
  expect(most).toBe(3);
});

test('progress is shown in whole percent while the work goes on', async () => {
  const work: Work = (request, context) => {
    context.onProgress(0.429);
    return endlessWork(request, context);
  };
  const { url } = await open({ work });
  const client = clientOf(url);
  const id = await client.draft(1);
  await client.post(`/v1/jobs/${id}/start`);
  await expect.poll(async () => (await client.get(`/v1/jobs/${id}`)).body.progress).toBe(42);
});

test('pricing and health need no key', async () => {
  const { url, requests } = await open();
  const pricing = await fetch(`${url}/api/pricing`);
  expect(await pricing.json()).toMatchObject({
    model_pricing_credits_per_minute: { original: 60, light: 45, pro: 180, human: 45 },
  });
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(requests()).toMatchObject({ pricing: 1, health: 1, create: 0 });
});

test.each([
  [{ draftWord: 'pending' }, { id: expect.any(String) as string, status: 'pending' }],
  [{ idField: 'job_id' }, { job_id: expect.any(String) as string, status: 'created' }],
] as const)('with the knob %o a draft looks different', async (behaviour, shape) => {
  const { url } = await open({ behaviour });
  const client = clientOf(url);
  const id = await client.draft(1);
  const { body } = await client.get(`/v1/jobs/${id}`);
  expect(body).toMatchObject(shape);
  expect('id' in body).toBe('id' in shape);
});

test.each(['items', 'jobs', 'data', 'array'] as const)(
  'the list can have the shape %s',
  async (listShape) => {
    const { url } = await open({ behaviour: { listShape, echoMetadata: false } });
    const client = clientOf(url);
    await client.draft(1, { metadata: { a: 'b' } });
    const { body } = await client.get('/v1/jobs');
    const entries = (listShape === 'array' ? body : body[listShape]) as Body[];
    expect(entries).toHaveLength(1);
    expect(entries[0]).not.toHaveProperty('metadata');
  },
);
