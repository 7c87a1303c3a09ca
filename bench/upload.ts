import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

import { startSandbox } from '../src/sandbox/startSandbox.ts';
import { timed, type Row } from './measure.ts';

const SIZE_BYTES = 499_000_000;

/** Peak memory of a process that uploads almost 500 MB, against one that uploads a kilobyte. */
export async function benchUpload(folder: string): Promise<readonly Row[]> {
  const sandbox = await startSandbox({
    dataDir: join(folder, 'server'),
    keys: ['bench'],
    work: () => Promise.resolve({ ok: false, code: 'bench', reason: 'nothing to do' }),
    probeDurationSeconds: () => Promise.resolve(1),
  });
  try {
    const upload = async (sizeBytes: number): Promise<{ peakMb: number; seconds: number }> => {
      const path = join(folder, `upload-${sizeBytes}.mp4`);
      const file = await open(path, 'w');
      await file.truncate(sizeBytes);
      await file.close();
      let peakKb = 0;
      const ms = await timed(async () => {
        const script = join(import.meta.dirname, 'uploadOnce.ts');
        const { stdout } = await execa('node', ['--import', 'tsx', script, sandbox.url, path]);
        peakKb = Number(stdout);
      });
      return { peakMb: peakKb / 1024, seconds: ms / 1000 };
    };
    const small = await upload(1_000);
    const large = await upload(SIZE_BYTES);
    return [
      {
        what: 'peak memory of an upload of 499 MB',
        figure: `${large.peakMb.toFixed(0)} MB in ${large.seconds.toFixed(1)} s`,
        against: `the same process with 1 kB: ${small.peakMb.toFixed(0)} MB`,
        ratio: `+${(large.peakMb - small.peakMb).toFixed(0)} MB`,
      },
    ];
  } finally {
    await sandbox.close();
  }
}
