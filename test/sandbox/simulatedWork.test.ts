import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { simulatedWork, type ServiceTime } from '../../src/sandbox/simulatedWork.ts';
import type { WorkRequest } from '../../src/sandbox/work.ts';
import { clientOf, open, tempFolder } from './support.ts';

async function request(): Promise<WorkRequest> {
  return {
    jobId: 'job_1',
    inputPath: '/no/such/file.mp4',
    outputPath: join(await tempFolder(), 'out.webm'),
    model: 'pro',
    format: 'webm',
    background: { type: 'transparent' },
    durationSeconds: 8,
  };
}

/** Milliseconds that each of ten jobs takes. */
async function times(service: ServiceTime, seed = 1, clockScale = 1): Promise<number[]> {
  const slept: number[] = [];
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    },
  };
  const work = simulatedWork({ service, seed, clockScale, clock });
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  for (let job = 0; job < 10; job += 1) await work(await request(), context);
  return slept;
}

test('a job takes a fixed time, or as long as its clip asks for, on a scaled clock', async () => {
  expect(new Set(await times({ type: 'fixed', seconds: 3 }))).toEqual(new Set([3_000]));
  expect((await times({ type: 'per_second', factor: 0.5 }))[0]).toBe(4_000);
  expect((await times({ type: 'fixed', seconds: 3 }, 1, 100))[0]).toBe(30);
});

test('lognormal times lie around their median, and a seed repeats them', async () => {
  const service = { type: 'lognormal', medianSeconds: 10, sigma: 0.5 } as const;
  const first = await times(service);
  expect(await times(service)).toEqual(first);
  expect(await times(service, 2)).not.toEqual(first);
  const longer = first.filter((ms) => ms > 10_000).length;
  expect(longer).toBeGreaterThan(0);
  expect(longer).toBeLessThan(10);
});

test('the output looks like its format, depends on the settings alone, and reads no input', async () => {
  const work = simulatedWork({ service: { type: 'fixed', seconds: 0 } });
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const bytesFor = async (more: Partial<WorkRequest>): Promise<Buffer> => {
    const whole = { ...(await request()), ...more };
    const outcome = await work(whole, context);
    expect(outcome).toMatchObject({ ok: true, durationSeconds: whole.previewSeconds ?? 8 });
    return readFile(whole.outputPath);
  };
  const one = await bytesFor({});
  expect(one.subarray(0, 4).toString('hex')).toBe('1a45dfa3');
  expect(await bytesFor({ jobId: 'job_2' })).toEqual(one);
  expect(await bytesFor({ model: 'light' })).not.toEqual(one);
  expect((await bytesFor({ format: 'gif', previewSeconds: 2 })).toString('latin1')).toMatch(
    /^GIF89a/,
  );
});

test('a thousand jobs run through a few slots', async () => {
  const { url, charges } = await open({
    work: simulatedWork({
      service: { type: 'lognormal', medianSeconds: 1, sigma: 1 },
      clockScale: 1e4,
    }),
    workers: 8,
  });
  const client = clientOf(url);
  const { body } = await client.upload('seconds=1');
  const create = () => client.post('/v1/jobs', { video_url: body.video_url });
  for (let batch = 0; batch < 10; batch += 1) {
    await Promise.all(Array.from({ length: 100 }, create));
  }
  const total = async (): Promise<unknown> =>
    (await client.get('/v1/jobs?status=completed&limit=1')).body['total'];
  await expect.poll(total, { timeout: 20_000 }).toBe(1_000);
  expect(charges()).toHaveLength(1_000);
});
