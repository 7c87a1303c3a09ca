import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { MatteRequest } from '../../src/matting/matteClip.ts';
import { matteInWorker } from '../../src/matting/matteInWorker.ts';
import { drawClip, SCENES, tools } from './drawnClips.ts';
import { probe } from './readBack.ts';

/** Only Linux lists the processes of others as files. */
const canList = process.platform === 'linux';
const SHIM =
  "import { createRequire as __createRequire } from 'node:module'; " +
  'const require = __createRequire(import.meta.url);';

let folder: string;
let workerUrl: URL;
let clip: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-worker-'));
  await build({
    entryPoints: {
      worker: 'src/matting/worker.ts',
      matteInWorker: 'src/matting/matteInWorker.ts',
    },
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20', outdir: folder },
    ...{ outExtension: { '.js': '.mjs' }, banner: { js: SHIM }, logLevel: 'error' },
  });
  workerUrl = pathToFileURL(join(folder, 'worker.mjs'));
  clip = join(folder, 'clip.mp4');
  await drawClip(SCENES.greenScreen, clip, { frames: 60 });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function request(name: string): MatteRequest {
  const background = { type: 'transparent' } as const;
  const outputPath = join(folder, name);
  return { inputPath: clip, outputPath, model: 'original', format: 'webm', background, tools };
}

test('a worker thread reports progress and leaves the whole file', async () => {
  const fractions: number[] = [];
  const outcome = await matteInWorker(workerUrl, request('whole.webm'), {
    signal: new AbortController().signal,
    onProgress: (fraction) => fractions.push(fraction),
  });
  expect(outcome).toMatchObject({ ok: true, engine: 'screen', frames: 60 });
  expect((await probe(join(folder, 'whole.webm'))).streams[0]!.nb_read_packets).toBe('60');
  expect(fractions.length).toBeGreaterThan(10);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test('failure comes back from the thread as a value', async () => {
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const outcome = await matteInWorker(
    workerUrl,
    { ...request('none.webm'), inputPath: join(folder, 'none.mp4') },
    context,
  );
  expect(outcome).toMatchObject({ ok: false, code: 'sandbox_unreadable_input' });
});

test.runIf(canList)('aborting ends both ffmpeg processes and leaves no file', async () => {
  const aborting = new AbortController();
  const running = matteInWorker(workerUrl, request('aborted.webm'), {
    signal: aborting.signal,
    onProgress: (fraction) => {
      if (fraction > 0.3) aborting.abort(new Error('enough'));
    },
  });
  await expect(running).rejects.toThrow('enough');
  expect(await programsNaming(clip, join(folder, 'aborted.webm'))).toEqual([]);
  expect((await readdir(folder)).filter((name) => name.startsWith('aborted'))).toEqual([]);
});

test.runIf(canList)('when the program itself is killed, its ffmpeg processes end too', async () => {
  const output = join(folder, 'orphaned.webm');
  const script = join(folder, 'main.mjs');
  await writeFile(
    script,
    `import { matteInWorker } from './matteInWorker.mjs';
     await matteInWorker(new URL('./worker.mjs', import.meta.url), ${JSON.stringify(request('orphaned.webm'))}, {
       signal: new AbortController().signal,
       onProgress: (fraction) => fraction > 0.3 && console.log('under way'),
     });`,
  );
  const main: ChildProcess = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(main.stdout!, 'data');
  expect((await programsNaming(clip, output)).length).toBeGreaterThan(0);
  main.kill('SIGKILL');
  const patience = Date.now() + 5_000;
  while ((await programsNaming(clip, output)).length > 0 && Date.now() < patience) await delay(20);
  expect(await programsNaming(clip, output)).toEqual([]);
  await expect(access(output)).rejects.toThrow();
});

/** Ids of running programs that have one of the files on their command line. */
async function programsNaming(...files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const id of await readdir('/proc')) {
    if (!/^\d+$/.test(id)) continue;
    const line = await readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '');
    if (line.includes('ffmpeg') && files.some((file) => line.includes(file))) found.push(id);
  }
  return found;
}
