import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { LearnedModel } from '../core/learnedModel.ts';
import { takeLock } from '../ledger/processLock.ts';
import { matteInWorker } from '../matting/matteInWorker.ts';
import { createProber } from '../media/probe.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/startSandbox.ts';
import type { Work } from '../sandbox/work.ts';
import { checkLearnedModel } from './learnedModel.ts';

/** The key of the local sandbox: no secret, it opens nothing but a server on this machine. */
export const SANDBOX_KEY = 'rbgv-local-sandbox';

/** The bundle puts every entry and chunk one folder below `dist`. */
const WORKER_URL = new URL('../matting/worker.js', import.meta.url);

/** What whoever starts a sandbox may choose; the rest is the same for all. */
export type LocalSandboxOptions = Omit<
  SandboxOptions,
  'keys' | 'work' | 'takeLock' | 'probeDurationSeconds'
> & {
  /** Default: the local engine. */
  readonly work?: Work;
};

/**
 * A sandbox in this process, on loopback unless told, whose work is the local engine.
 *
 * @param learned the user's own model, which overrides the built-in ways
 * @throws RbgvError `model_missing`, `model_changed`
 */
export async function startLocalSandbox(
  options: LocalSandboxOptions,
  tools: FfmpegTools,
  learned?: LearnedModel,
): Promise<Sandbox> {
  if (learned !== undefined) await checkLearnedModel(learned);
  const probe = createProber(tools);
  return startSandbox({
    work: (request, context) =>
      matteInWorker(
        WORKER_URL,
        { ...request, tools, ...(learned === undefined ? {} : { learned }) },
        context,
      ),
    ...options,
    keys: [SANDBOX_KEY],
    takeLock,
    async probeDurationSeconds(path) {
      const { size, mtimeMs } = await stat(path);
      const clip = { path, relativePath: basename(path), sizeBytes: size, mtimeMs };
      const probed = await probe(clip);
      return 'media' in probed ? probed.media.durationUs / 1e6 : undefined;
    },
  });
}

/** Leaves jobs as they are: for a sandbox that only answers questions. */
export const idleWork: Work = (_request, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
