import { appendFile, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';

import { readEnvironment } from '../src/config/environment.ts';
import { locateTools } from '../src/media/locateTools.ts';
import { makeSmokeClip } from '../src/media/makeSmokeClip.ts';

/**
 * Many clips in one run against a sandbox process with simulated work, and the same run again when
 * all is done. `npm run bench:scale -- [clips]`
 */
const clips = Number(process.argv[2] ?? 10_000);
const KEY = 'rbgv-local-sandbox';
const program = join(import.meta.dirname, '..', 'dist', `scale-${process.pid}.mjs`);
const folder = await mkdtemp(join(tmpdir(), 'rbgv-scale-'));
const env = { RBGV_STATE_DIR: join(folder, 'server'), RBGV_CONFIG_DIR: join(folder, 'config') };
const simulated = ['--simulate', 'fixed:0.02', '--workers', '64'];
const server = execa(
  'node',
  ['bin/rbgv.js', 'sandbox', '--quiet', '--port', '0', '--data-dir', join(folder, 'data')].concat(
    simulated,
  ),
  { env, reject: false },
);
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
  for (let clip = 0; clip < clips; clip += 1) {
    const path = join(folder, 'clips', `clip-${String(clip).padStart(6, '0')}.mp4`);
    await copyFile(seed, path);
    await appendFile(path, freeBox(clip));
  }
  await bundleClient();
  for (const run of ['first', 'again']) {
    const { stdout } = await execa('node', [program, url, KEY, folder]);
    const took = JSON.parse(stdout) as Record<string, number>;
    console.log(`${clips} clips, ${run}:`);
    for (const [name, value] of Object.entries(took)) console.log(`  ${name} ${value.toFixed(1)}`);
  }
} finally {
  server.kill('SIGTERM');
  await server;
  await rm(program, { force: true });
  await rm(folder, { recursive: true, force: true });
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
