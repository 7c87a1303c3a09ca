import { appendFile, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';

import { readEnvironment } from '../src/config/environment.ts';
import { locateTools } from '../src/media/locateTools.ts';
import { makeSmokeClip } from '../src/media/makeSmokeClip.ts';
import { report, type Row } from './measure.ts';

/**
 * Many clips in one run of the program against a sandbox process with simulated work, and the same
 * run again when all is done; beside a tenth of them. `npm run bench:scale -- [clips]`
 */
const clips = Number(process.argv[2] ?? 10_000);
const KEY = 'rbgv-local-sandbox';

/** What `scaleClient.ts` prints. */
interface Took {
  readonly done: number;
  readonly surveySeconds: number;
  readonly planSeconds: number;
  readonly workSeconds: number;
  readonly peakMb: number;
}

const program = join(import.meta.dirname, '..', 'dist', `scale-${process.pid}.mjs`);
try {
  await bundleClient();
  const few = await measure(clips / 10);
  const many = await measure(clips);
  const msPerClip = ({ workSeconds }: Took, of: number): number => (workSeconds * 1000) / of;
  const flat = (what: string, unit: string, mine: number, less: number): Row => ({
    what: `${clips} clips in one run: ${what}`,
    figure: `${mine.toFixed(1)} ${unit}`,
    against: `${clips / 10} clips: ${less.toFixed(1)} ${unit}`,
    ratio: `${(mine / less).toFixed(2)} ×`,
  });
  const again = many.again.planSeconds + many.again.workSeconds;
  await report('Scale', [
    flat('peak memory', 'MB', many.first.peakMb, few.first.peakMb),
    flat(
      'a clip, from upload to output',
      'ms',
      msPerClip(many.first, clips),
      msPerClip(few.first, clips / 10),
    ),
    flat('peak memory when all is done already', 'MB', many.again.peakMb, few.again.peakMb),
    {
      what: `${clips} clips in one run: time to see that all is done`,
      figure: `${again.toFixed(1)} s`,
      against: `goal 2 s; looking into the clips before takes ${many.again.surveySeconds.toFixed(1)} s`,
      ratio: `${(again / 2).toFixed(2)} ×`,
    },
  ]);
} finally {
  await rm(program, { force: true });
}

async function measure(count: number): Promise<{ readonly first: Took; readonly again: Took }> {
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-scale-'));
  const env = { RBGV_STATE_DIR: join(folder, 'server'), RBGV_CONFIG_DIR: join(folder, 'config') };
  const simulated = ['--simulate', 'fixed:0.02', '--workers', '64'];
  const where = ['--quiet', '--port', '0', '--data-dir', join(folder, 'data')];
  const server = execa('node', ['bin/rbgv.js', 'sandbox', ...where, ...simulated], {
    env,
    reject: false,
  });
  try {
    const url = await new Promise<string>((resolve) => {
      server.stdout.on('data', (chunk: Buffer) => {
        const address = /sandbox at (\S+)/.exec(chunk.toString())?.[1];
        if (address !== undefined) resolve(address);
      });
    });
    const seed = join(folder, 'seed.mp4');
    await makeSmokeClip(seed, await locateTools(readEnvironment()));
    await mkdir(join(folder, 'clips'));
    for (let clip = 0; clip < count; clip += 1) {
      const path = join(folder, 'clips', `clip-${String(clip).padStart(6, '0')}.mp4`);
      await copyFile(seed, path);
      await appendFile(path, freeBox(clip));
    }
    const run = async (): Promise<Took> => {
      const { stdout } = await execa('node', [program, url, KEY, folder]);
      const took = JSON.parse(stdout) as Took;
      if (took.done !== count) throw new Error(`only ${took.done} of ${count} were done`);
      return took;
    };
    return { first: await run(), again: await run() };
  } finally {
    server.kill('SIGTERM');
    await server;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Plain JavaScript, so that its memory is that of the program. */
async function bundleClient(): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'scaleClient.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['libsql', 'fluent-ffmpeg', '@ffmpeg-installer/ffmpeg', '@ffprobe-installer/ffprobe'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
}

/** Players skip it; the bytes differ. */
function freeBox(number: number): Buffer {
  const box = Buffer.alloc(12);
  box.writeUInt32BE(12, 0);
  box.write('free', 4, 'latin1');
  box.writeUInt32BE(number, 8);
  return box;
}
