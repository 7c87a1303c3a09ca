import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { execa } from 'execa';

import type { Row } from './measure.ts';

const JOBS = 10_000;
const SECONDS = 4;
const CONNECTIONS = 32;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const headers = { 'x-api-key': 'rbgv-local-sandbox', 'content-type': 'application/json' };

function call(url: string, method: string, path: string, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers, agent }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The sandbox as a process of its own: memory with ten thousand jobs, and status requests a second. */
export async function benchSandbox(folder: string): Promise<readonly Row[]> {
  const env = { RBGV_STATE_DIR: join(folder, 'state'), RBGV_CONFIG_DIR: join(folder, 'config') };
  const data = join(folder, 'sandbox');
  const args = ['sandbox', '--quiet', '--port', '0', '--data-dir', data, '--simulate', 'fixed:0'];
  const server = execa('node', ['bin/rbgv.js', ...args], { env, reject: false });
  try {
    const url = await new Promise<string>((resolve) => {
      server.stdout.on('data', (chunk: Buffer) => {
        const found = /sandbox at (\S+)/.exec(chunk.toString());
        if (found?.[1] !== undefined) resolve(found[1]);
      });
    });
    const memoryMb = (): number => {
      const status = readFileSync(`/proc/${server.pid ?? 0}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024;
    };
    const empty = memoryMb();
    const form = new FormData();
    const clip = join(folder, 'clips', 'clip-0.mp4');
    form.set('file', new Blob([readFileSync(clip)]), 'clip.mp4');
    const upload = await fetch(`${url}/v1/uploads`, {
      method: 'POST',
      headers: { 'x-api-key': headers['x-api-key'] },
      body: form,
    });
    const { video_url } = (await upload.json()) as { video_url: string };
    const create = JSON.stringify({ video_url, model: 'light', auto_start: false });
    const ids: string[] = [];
    await inParallel(async () => {
      if (ids.length >= JOBS) return false;
      ids.push((JSON.parse(await call(url, 'POST', '/v1/jobs', create)) as { id: string }).id);
      return true;
    });
    const full = memoryMb();
    let answered = 0;
    const end = performance.now() + SECONDS * 1000;
    await inParallel(async () => {
      await call(url, 'GET', `/v1/jobs/${ids[answered % ids.length] ?? ''}`);
      answered += 1;
      return performance.now() < end;
    });
    return [
      {
        what: `sandbox: status requests a second, ${JOBS} jobs`,
        figure: `${(answered / SECONDS).toFixed(0)}/s`,
        against: 'goal 3000/s, the load on the same 2 cores',
        ratio: `${(answered / SECONDS / 3000).toFixed(1)} ×`,
      },
      {
        what: `sandbox: memory with ${JOBS} jobs`,
        figure: `${full.toFixed(0)} MB`,
        against: `empty: ${empty.toFixed(0)} MB`,
        ratio: `+${(full - empty).toFixed(0)} MB`,
      },
    ];
  } finally {
    server.kill('SIGTERM');
    await server;
  }
}

async function inParallel(step: () => Promise<boolean>): Promise<void> {
  const worker = async (): Promise<void> => {
    while (await step());
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}
