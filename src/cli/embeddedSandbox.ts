import { basename } from 'node:path';
import { stat } from 'node:fs/promises';

import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { matteInWorker } from '../matting/matteInWorker.ts';
import { createProber } from '../media/probe.ts';
import type { Work } from '../sandbox/work.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/startSandbox.ts';

/** The key of the embedded sandbox: no secret, it opens nothing but a server on this machine. */
export const SANDBOX_KEY = 'rbgv-local-sandbox';

/** The bundle puts every entry and chunk one folder below `dist`. */
const WORKER_URL = new URL('../matting/worker.js', import.meta.url);

/** A sandbox whose work is the local engine, in this process, on loopback. */
export async function startEmbeddedSandbox(
  options: Pick<SandboxOptions, 'dataDir' | 'host' | 'port' | 'log' | 'workers'> & {
    /** Answers questions only; unfinished jobs wait for a run. */
    readonly idle?: boolean;
  },
  tools: FfmpegTools,
): Promise<Sandbox> {
  const probe = createProber(tools);
  const { idle = false, ...rest } = options;
  return startSandbox({
    ...rest,
    keys: [SANDBOX_KEY],
    work: idle
      ? untilClosed
      : (request, context) => matteInWorker(WORKER_URL, { ...request, tools }, context),
    async probeDurationSeconds(path) {
      const { size, mtimeMs } = await stat(path);
      const clip = { path, relativePath: basename(path), sizeBytes: size, mtimeMs };
      const probed = await probe(clip);
      return 'media' in probed ? probed.media.durationUs / 1e6 : undefined;
    },
  });
}

const untilClosed: Work = (_request, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
