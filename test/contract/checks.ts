import { expect } from 'vitest';

/** A service under test: the sandbox, or the live one. */
export interface Service {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** A lawful one-second clip. */
  readonly clip: Uint8Array;
  /** How long a one-second job may take, in milliseconds. */
  readonly patienceMs: number;
  readonly pollMs: number;
}

/** One promise of the vendor's pages, and what it costs to check it. */
export interface Check {
  readonly name: string;
  /** Credits that the check may spend at most. */
  readonly credits: number;
  run(service: Service): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(
  { baseUrl, apiKey }: Service,
  method: string,
  path: string,
  body?: unknown,
  key = apiKey,
): Promise<Answer> {
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      ...(key === '' ? {} : { 'x-api-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function upload(service: Service, name = 'clip.mp4'): Promise<Answer> {
  const form = new FormData();
  form.set('file', new Blob([service.clip], { type: 'video/mp4' }), name);
  const response = await fetch(`${service.baseUrl}/v1/uploads`, {
    method: 'POST',
    headers: { 'x-api-key': service.apiKey },
    body: form,
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function draft(service: Service, fields: object = {}): Promise<string> {
  const { body } = await upload(service);
  const created = await ask(service, 'POST', '/v1/jobs', {
    video_url: body['video_url'],
    model: 'light',
    output_format: 'webm',
    bg_type: 'transparent',
    auto_start: false,
    ...fields,
  });
  expect(created.status).toBe(200);
  return String(created.body['id'] ?? created.body['job_id']);
}

function expectError(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  const error = answer.body['error'] as Record<string, unknown>;
  expect(error).toMatchObject({
    code: expect.any(String) as string,
    message: expect.any(String) as string,
  });
  expect(String(error['request_id'])).not.toBe('');
}

async function untilEnd(service: Service, id: string): Promise<Answer['body']> {
  const deadline = performance.now() + service.patienceMs;
  for (;;) {
    const { body } = await ask(service, 'GET', `/v1/jobs/${id}`);
    if (body['status'] === 'completed' || body['status'] === 'failed') return body;
    if (performance.now() > deadline)
      throw new Error(`job ${id} is still ${String(body['status'])}`);
    await new Promise((resolve) => setTimeout(resolve, service.pollMs));
  }
}

/** What every client of the service relies on; each line names the page that promises it. */
export const CHECKS: readonly Check[] = [
  {
    name: 'health answers without a key (introduction)',
    credits: 0,
    async run(service) {
      expect((await ask(service, 'GET', '/health', undefined, '')).status).toBe(200);
    },
  },
  {
    name: 'pricing names the four rates without a key (pricing)',
    credits: 0,
    async run(service) {
      const { status, body } = await ask(service, 'GET', '/api/pricing', undefined, '');
      expect(status).toBe(200);
      const rates = body['model_pricing_credits_per_minute'] as Record<string, number>;
      for (const model of ['original', 'light', 'pro', 'human']) {
        expect(rates[model]).toBeGreaterThan(0);
      }
    },
  },
  {
    name: 'a missing and a wrong key are 401 with the envelope (authentication)',
    credits: 0,
    async run(service) {
      expectError(await ask(service, 'GET', '/v1/jobs', undefined, ''), 401);
      expectError(await ask(service, 'GET', '/v1/jobs', undefined, 'no-such-key-0000'), 401);
    },
  },
  {
    name: 'an unknown job is 404 with the envelope (jobs)',
    credits: 0,
    async run(service) {
      expectError(await ask(service, 'GET', '/v1/jobs/job_rbgv_no_such'), 404);
    },
  },
  {
    name: 'an upload answers with its address, name and size (uploads)',
    credits: 0,
    async run(service) {
      const { status, body } = await upload(service);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        success: true,
        filename: 'clip.mp4',
        size: service.clip.length,
      });
      expect(URL.canParse(String(body['video_url']))).toBe(true);
    },
  },
  {
    name: 'a file that is no video is 400 (errors)',
    credits: 0,
    async run(service) {
      const form = new FormData();
      form.set('file', new Blob(['a text'], { type: 'text/plain' }), 'notes.txt');
      const response = await fetch(`${service.baseUrl}/v1/uploads`, {
        method: 'POST',
        headers: { 'x-api-key': service.apiKey },
        body: form,
      });
      const body = (await response.json()) as Answer['body'];
      expectError({ status: response.status, body }, 400);
    },
  },
  {
    name: 'a body without a video, or with an unknown model, is refused as invalid (create job)',
    credits: 0,
    async run(service) {
      expectError(
        await ask(service, 'POST', '/v1/jobs', { model: 'light', auto_start: false }),
        400,
      );
      const { body } = await upload(service);
      const wrong = { video_url: body['video_url'], model: 'best', auto_start: false };
      expectError(await ask(service, 'POST', '/v1/jobs', wrong), 400);
    },
  },
  {
    name: 'a draft is not started, has no output, and is in the list (workflow, jobs)',
    credits: 0,
    async run(service) {
      const id = await draft(service);
      const { body } = await ask(service, 'GET', `/v1/jobs/${id}`);
      expect(['created', 'pending']).toContain(body['status']);
      expect(body['output_url'] ?? null).toBeNull();
      const list = await ask(service, 'GET', '/v1/jobs?limit=100&offset=0');
      expect(JSON.stringify(list.body)).toContain(id);
    },
  },
  {
    name: 'the output of a job that is not completed is 400 (download)',
    credits: 0,
    async run(service) {
      const id = await draft(service);
      expectError(await ask(service, 'GET', `/api/download/${id}`, undefined, ''), 400);
    },
  },
  {
    name: 'usage answers for 1 to 90 days and 1 to 100 events (usage)',
    credits: 0,
    async run(service) {
      for (const path of [
        'summary?days=1',
        'summary?days=90',
        'events?limit=1',
        'events?limit=100',
      ]) {
        expect((await ask(service, 'GET', `/v1/usage/${path}`)).status).toBe(200);
      }
    },
  },
  {
    name: 'a started job is completed, its output can be read (workflow, download)',
    credits: 0.75,
    async run(service) {
      const id = await draft(service);
      const started = await ask(service, 'POST', `/v1/jobs/${id}/start`, {});
      expect(started.status).toBe(200);
      const job = await untilEnd(service, id);
      expect(job['status']).toBe('completed');
      const output = await fetch(String(job['output_url']));
      expect(output.status).toBe(200);
      const head = new Uint8Array(await output.arrayBuffer()).subarray(0, 4);
      expect([...head]).toEqual([0x1a, 0x45, 0xdf, 0xa3]);
      const link = await ask(service, 'GET', `/api/download/${id}`, undefined, '');
      expect(URL.canParse(String(link.body['download_url']))).toBe(true);
    },
  },
];
