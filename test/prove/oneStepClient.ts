import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import PQueue from 'p-queue';

import type { ClientOrder, ClientReport } from './order.ts';
import { scaledClock } from './scaledClock.ts';

/**
 * The control: what most scripts do. One call that creates and starts (`auto_start: true`), each
 * call repeated when it fails, finished clips noted in a file.
 */
const order = JSON.parse(process.argv[2] ?? '') as ClientOrder;
const { baseUrl, apiKey, concurrency, folders } = order;
const [folder = ''] = folders;
const clock = scaledClock(order.clockScale);
const headers = { 'x-api-key': apiKey };
const notes = join(folder, 'finished.txt');
const finished = new Set((await readFile(notes, 'utf8').catch(() => '')).split('\n'));
const results = join(folder, 'results');
await mkdir(results, { recursive: true });

async function again<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 8) throw error;
      await clock.sleep(1_000 * attempt);
    }
  }
}

async function json(path: string, init: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(`${baseUrl}${path}`, init);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}

let done = 0;

async function work(name: string): Promise<void> {
  const bytes = await readFile(join(folder, 'clips', name));
  const upload = await again(() => {
    const form = new FormData();
    form.set('file', new Blob([bytes]), name);
    return json('/v1/uploads', { method: 'POST', headers, body: form });
  });
  const job = await again(() =>
    json('/v1/jobs', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        video_url: upload['video_url'],
        model: 'light',
        output_format: 'webm',
        bg_type: 'transparent',
        auto_start: true,
        metadata: { clip: name },
      }),
    }),
  );
  for (;;) {
    await clock.sleep(2_000);
    const view = await again(() => json(`/v1/jobs/${String(job['id'])}`, { headers }));
    if (view['status'] !== 'completed') continue;
    const output = await again(async () => {
      const response = await fetch(String(view['output_url']));
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return Buffer.from(await response.arrayBuffer());
    });
    await writeFile(join(results, name.replace('.mp4', '.webm')), output);
    await appendFile(notes, `${name}\n`);
    done += 1;
    return;
  }
}

const begun = clock.monotonic();
const pool = new PQueue({ concurrency });
const names = (await readdir(join(folder, 'clips'))).filter((name) => !finished.has(name));
await Promise.all(names.map((name) => pool.add(() => work(name).catch(() => undefined))));
const workMs = clock.monotonic() - begun;
const report: ClientReport = { exitCode: 0, done, deeds: 0, writes: done, writeMs: 0, workMs };
process.stdout.write(JSON.stringify(report));
process.exit(0);
