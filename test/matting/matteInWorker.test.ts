import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { FFMPEG_ENV } from '../../src/core/ffmpegTools.ts';
import { matteClip } from '../../src/matting/matteClip.ts';
import type { MatteRequest } from '../../src/matting/matteJob.ts';
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
      frameWorker: 'src/matting/frameWorker.ts',
      matteInWorker: 'src/matting/matteInWorker.ts',
    },
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20', outdir: folder },
    ...{ banner: { js: SHIM }, logLevel: 'error' },
  });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  workerUrl = pathToFileURL(join(folder, 'worker.js'));
  clip = join(folder, 'clip.mp4');
  const once = join(folder, 'once.mp4');
  await drawClip(SCENES.greenScreen, once, { frames: 60 });
  // Long enough to be struck in the middle.
  const looped = ['-stream_loop', '4', '-i', once, '-c', 'copy', clip];
  await promisify(execFile)(tools.ffmpegPath, looped, { env: FFMPEG_ENV });
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
  expect(outcome).toMatchObject({ ok: true, engine: 'screen', frames: 300 });
  expect((await probe(join(folder, 'whole.webm'))).streams[0]!.nb_read_packets).toBe('300');
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

test('the output is the same, byte by byte, however many threads matte the frames', async () => {
  const inputPath = join(folder, 'speaker.mp4');
  await drawClip(SCENES.speaker, inputPath, { frames: 12 });
  const foreground = { anchor: 'bottom-left', scale: 0.8, offset: { x: 3, y: -5 } } as const;
  const composition = { canvas: { width: 201, height: 160 }, foreground };
  const outputs: Buffer[] = [];
  for (const threads of [1, 2, 3]) {
    const outputPath = join(folder, `${threads}.zip`);
    const order = {
      ...request(''),
      inputPath,
      outputPath,
      composition,
      format: 'png_sequence',
    } as const;
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    const outcome = await matteInWorker(workerUrl, order, context, threads);
    expect(outcome).toMatchObject({ ok: true, engine: 'subject', frames: 12 });
    outputs.push(await readFile(outputPath));
  }
  expect(outputs[0]!.equals(outputs[1]!)).toBe(true);
  expect(outputs[0]!.equals(outputs[2]!)).toBe(true);
});

test('a thread that breaks down fails the job, and nothing is left of it', async () => {
  const breaking = join(folder, 'breaking.js');
  await writeFile(
    breaking,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', ({ type }) => { if (type === 'matte') throw new Error('out of order'); });`,
  );
  const context = {
    signal: new AbortController().signal,
    onProgress: () => undefined,
    threads: { url: pathToFileURL(breaking), count: 2 },
  };
  await expect(matteClip(request('broken.webm'), context)).rejects.toThrow('out of order');
  expect((await readdir(folder)).filter((name) => name.startsWith('broken'))).toEqual([]);
});

test.runIf(canList)('an ffmpeg that is killed fails the job', async () => {
  const killed = join(folder, 'killed.webm');
  let kills = 0;
  const outcome = await matteInWorker(workerUrl, request('killed.webm'), {
    signal: new AbortController().signal,
    onProgress(fraction) {
      if (fraction < 0.3 || kills++ > 0) return;
      void programsNaming(killed).then((ids) =>
        ids.forEach((id) => process.kill(Number(id), 'SIGKILL')),
      );
    },
  });
  expect(outcome).toMatchObject({ ok: false, code: 'sandbox_engine_failed' });
  expect(!outcome.ok && outcome.reason).toMatch(/SIGKILL/);
  expect((await readdir(folder)).filter((name) => name.startsWith('killed'))).toEqual([]);
});

test.runIf(canList)('aborting ends all ffmpeg processes and leaves no file', async () => {
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
  const script = join(folder, 'main.js');
  await writeFile(
    script,
    `import { matteInWorker } from './matteInWorker.js';
     await matteInWorker(new URL('./worker.js', import.meta.url), ${JSON.stringify(request('orphaned.webm'))}, {
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
