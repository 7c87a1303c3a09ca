import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';

import { startSandbox } from '../src/sandbox/startSandbox.ts';
import { median, timed, type Row } from './measure.ts';

const SIZE_BYTES = 499_000_000;
const RUNS = 3;

/**
 * A process of rbgv's, bundled as it is shipped, that uploads almost 500 MB: its peak memory against
 * one that uploads a kilobyte, its time against `curl -F`, turn by turn.
 */
export async function benchUpload(folder: string): Promise<readonly Row[]> {
  const sandbox = await startSandbox({
    dataDir: join(folder, 'server'),
    keys: ['bench'],
    work: () => Promise.resolve({ ok: false, code: 'bench', reason: 'nothing to do' }),
    probeDurationSeconds: () => Promise.resolve(1),
    // Uploads of several runs lie side by side.
    minFreeBytes: 0,
  });
  try {
    const script = join(folder, 'uploadOnce.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'uploadOnce.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    const file = async (sizeBytes: number): Promise<string> => {
      const path = join(folder, `upload-${sizeBytes}.mp4`);
      const handle = await open(path, 'w');
      await handle.truncate(sizeBytes);
      await handle.close();
      return path;
    };
    const small = await file(1_000);
    const large = await file(SIZE_BYTES);
    const ours = async (path: string): Promise<{ peakMb: number; seconds: number }> => {
      let peakKb = 0;
      const ms = await timed(async () => {
        const { stdout } = await execa('node', [script, sandbox.url, path]);
        peakKb = Number(stdout);
      });
      return { peakMb: peakKb / 1024, seconds: ms / 1000 };
    };
    const curl = async (): Promise<number> => {
      const form = ['-F', `file=@${large};type=video/mp4`];
      const args = ['-sSf', '-H', 'x-api-key: bench', ...form, `${sandbox.url}/v1/uploads`];
      return (await timed(() => execa('curl', args))) / 1000;
    };
    const base = await ours(small);
    const runs: { peakMb: number; seconds: number }[] = [];
    const peers: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      runs.push(await ours(large));
      peers.push(await curl());
    }
    const peakMb = Math.max(...runs.map((run) => run.peakMb));
    const seconds = median(runs.map((run) => run.seconds));
    const peer = median(peers);
    return [
      {
        what: 'peak memory of an upload of 499 MB',
        figure: `${peakMb.toFixed(0)} MB`,
        against: `the same process with 1 kB: ${base.peakMb.toFixed(0)} MB`,
        ratio: `+${(peakMb - base.peakMb).toFixed(0)} MB`,
      },
      {
        what: 'time of an upload of 499 MB on loopback',
        figure: `${seconds.toFixed(1)} s, start-up included`,
        against: `\`curl -F\`: ${peer.toFixed(1)} s`,
        ratio: `${(seconds / peer).toFixed(2)} ×`,
      },
    ];
  } finally {
    await sandbox.close();
  }
}
