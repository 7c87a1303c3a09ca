/** Entry of a job's thread: one clip, then it ends. */
import { parentPort, workerData } from 'node:worker_threads';

import { matteClip } from './matteClip.ts';
import type { JobData, WorkerReport } from './matteInWorker.ts';

const port = parentPort;
if (port === null) throw new Error('worker.ts runs on a worker thread only');
const report = (message: WorkerReport): void => port.postMessage(message);

const aborting = new AbortController();
port.once('message', () => aborting.abort());

const { request, threads } = workerData as JobData;
let lastPercent = 0;
try {
  const outcome = await matteClip(request, {
    signal: aborting.signal,
    threads: { url: new URL('./frameWorker.js', import.meta.url), count: threads },
    onProgress(fraction) {
      const percent = Math.floor(100 * fraction);
      if (percent <= lastPercent) return;
      lastPercent = percent;
      report({ type: 'progress', fraction });
    },
  });
  report({ type: 'outcome', outcome });
} catch (error) {
  if (!aborting.signal.aborted) throw error;
  report({ type: 'aborted' });
}
port.close();
