import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, truncate, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

import { clip, endlessWork } from './doubles.ts';
import { clientOf, open, tempFolder } from './support.ts';

/** A sandbox in its own process. */
async function spawned(dataDir: string) {
  const script = fileURLToPath(new URL('./sandboxProcess.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  onTestFinished(kill);
  const printed: string[] = [];
  const lines = createInterface(child.stdout).on('line', (line) => printed.push(line));
  await once(lines, 'line');
  return { url: printed[0] ?? '', printed, kill };
}

test('after a kill every job is there, on a new port, worked again and charged once', async () => {
  const dataDir = await tempFolder();
  const first = await spawned(dataDir);
  const before = clientOf(first.url);
  const draft = await before.draft(10);
  const paid = await before.draft(20);
  await before.post(`/v1/jobs/${paid}/start`);
  const { body: upload } = await before.upload(clip(30));
  await first.kill();
  await writeFile(join(dataDir, 'uploads', 'cut.mp4.part'), 'half');
  await writeFile(join(dataDir, 'outputs', `${paid}.webm.tmp`), 'half');

  const { url, charges } = await open({ dataDir });
  expect(url).not.toBe(first.url);
  const after = clientOf(url);
  expect((await after.get(`/v1/jobs/${draft}`)).body.status).toBe('created');
  const done = await after.ended(paid);
  expect(done).toMatchObject({ status: 'completed', billing_status: 'charged' });
  expect(await (await fetch(done.output_url)).text()).toBe(`matted ${clip(20)}`);
  expect(charges()).toMatchObject([{ job_id: paid, credits: 20 }]);
  expect(await readdir(join(dataDir, 'outputs'))).toEqual([`${paid}.webm`]);
  expect(await readdir(join(dataDir, 'uploads'))).toHaveLength(3);

  const created = await after.post('/v1/jobs', { video_url: upload.video_url });
  expect(created.status).toBe(200);
});

test('a kill amid many starts forgets none that was answered and charges each job at most once', async () => {
  const dataDir = await tempFolder();
  const first = await spawned(dataDir);
  const before = clientOf(first.url);
  const ids = await Promise.all(Array.from({ length: 40 }, () => before.draft(1)));
  const answered: string[] = [];
  let killed: Promise<void> | undefined;
  await Promise.allSettled(
    ids.map(async (id) => {
      await before.post(`/v1/jobs/${id}/start`);
      answered.push(id);
      if (answered.length === 5) killed = first.kill();
    }),
  );
  await killed;

  const { url, charges } = await open({ dataDir });
  const after = clientOf(url);
  const charged = charges().map((charge) => charge.job_id);
  expect(new Set(charged).size).toBe(charged.length);
  expect(charged).toEqual(expect.arrayContaining(answered));
  const { body } = await after.get('/v1/jobs?limit=100&status=created');
  expect(body['total']).toBe(ids.length - charged.length);
});

test('a clean end leaves jobs in progress, and they go on at the next start', async () => {
  const dataDir = await tempFolder();
  const first = await open({ dataDir, work: endlessWork });
  const client = clientOf(first.url);
  const id = await client.draft(10);
  await client.post(`/v1/jobs/${id}/start`);
  await first.close();
  const second = await open({ dataDir });
  expect((await clientOf(second.url).ended(id)).status).toBe('completed');
  expect(second.charges()).toHaveLength(1);
});

test('a journal whose last line was cut short is repaired and goes on', async () => {
  const dataDir = await tempFolder();
  const journal = join(dataDir, 'journal.jsonl');
  const first = await open({ dataDir });
  const [whole, torn] = [
    await clientOf(first.url).draft(1),
    await clientOf(first.url).draft(2),
  ] as const;
  await first.close();
  await truncate(journal, (await stat(journal)).size - 20);

  const second = await open({ dataDir });
  const client = clientOf(second.url);
  expect((await client.get(`/v1/jobs/${whole}`)).status).toBe(200);
  expect((await client.get(`/v1/jobs/${torn}`)).status).toBe(404);
  const third = await client.draft(3);
  await second.close();
  const fourth = await open({ dataDir });
  expect((await clientOf(fourth.url).get(`/v1/jobs/${third}`)).status).toBe(200);
});

test('a journal that is damaged inside is refused, not guessed at', async () => {
  const dataDir = await tempFolder();
  const first = await open({ dataDir });
  await clientOf(first.url).draft(1);
  await first.close();
  const journal = join(dataDir, 'journal.jsonl');
  await writeFile(journal, `{"type":\n${await readFile(journal, 'utf8')}`);
  await expect(open({ dataDir })).rejects.toMatchObject({ code: 'sandbox_data_damaged' });
});

test('charges that a crash kept from the ledger are added at the next start', async () => {
  const dataDir = await tempFolder();
  const ledger = join(dataDir, 'charges.jsonl');
  const first = await open({ dataDir, work: endlessWork });
  const client = clientOf(first.url);
  for (const seconds of [1, 2]) {
    await client.post(`/v1/jobs/${await client.draft(seconds)}/start`);
  }
  await first.close();
  const truth = await readFile(ledger, 'utf8');
  await writeFile(ledger, truth.slice(0, truth.indexOf('\n') + 1));
  await appendFile(ledger, '{"at":"20');
  await (await open({ dataDir, work: endlessWork })).close();
  expect(await readFile(ledger, 'utf8')).toBe(truth);
});

test('two sandboxes never share a data folder, and a killed one does not block it', async () => {
  const dataDir = await tempFolder();
  const first = await spawned(dataDir);
  await expect(open({ dataDir })).rejects.toMatchObject({ code: 'sandbox_in_use' });
  await first.kill();
  const { url } = await open({ dataDir });
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test('a port that is taken is said so, and the data folder is free again', async () => {
  const dataDir = await tempFolder();
  const { url } = await open();
  const port = Number(new URL(url).port);
  await expect(open({ dataDir, port })).rejects.toMatchObject({ code: 'sandbox_cannot_listen' });
  await open({ dataDir });
});

test('a client that leaves in the middle of a download makes no noise', async () => {
  const { url, printed } = await spawned(await tempFolder());
  const { body } = await clientOf(url).upload('x'.repeat(20_000_000));
  const leave = new AbortController();
  const response = await fetch(body.video_url, { signal: leave.signal });
  await response.body?.getReader().read();
  leave.abort();
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(printed).toEqual([url]);
});
