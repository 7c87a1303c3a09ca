import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { systemClock } from '../core/clock.ts';
import { partPath } from './encode/partPath.ts';
import type { MatteContext, MatteOutcome, MatteRequest } from './matteJob.ts';

/** What a worker is given. */
export interface JobData {
  readonly request: MatteRequest;
  /** Threads that matte frames, at least 1. */
  readonly threads: number;
}

/** What a worker says to the thread that started it. */
export type WorkerReport =
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'outcome'; readonly outcome: MatteOutcome }
  /** The abort is done: all ffmpeg processes and threads are gone. */
  | { readonly type: 'aborted' };

const ABORT_PATIENCE_MS = 5_000;
/** Each holds frames and pyramids of its own, about 50 MB at 1080p. */
const MOST_THREADS = 8;

/**
 * Runs `matteClip` on a thread of its own, so that the caller's loop stays free, with further threads
 * for the frames.
 *
 * @param workerUrl of `worker.ts`, bundled, with `frameWorker.ts` beside it
 * @param threads for the frames; as many as there are cores, up to 8, when missing
 * @throws the signal's reason when aborted, once the thread and its ffmpeg processes are gone; the
 *   worker's error when the code itself is broken
 */
export async function matteInWorker(
  workerUrl: URL,
  request: MatteRequest,
  { signal, onProgress }: Omit<MatteContext, 'threads'>,
  threads = Math.min(MOST_THREADS, availableParallelism()),
): Promise<MatteOutcome> {
  signal.throwIfAborted();
  const worker = new Worker(workerUrl, { workerData: { request, threads } satisfies JobData });
  const finished = new AbortController();
  try {
    const outcome = await new Promise<MatteOutcome | undefined>((resolve, reject) => {
      worker.on('message', (report: WorkerReport) => {
        if (report.type === 'progress') onProgress(report.fraction);
        else resolve(report.type === 'outcome' ? report.outcome : undefined);
      });
      worker.once('error', reject);
      worker.once('exit', (code) =>
        reject(new Error(`the matting thread ended with code ${code}`)),
      );
      const abort = (): void => {
        worker.postMessage('abort');
        // A thread stuck in arithmetic hears nothing; its pipes die with it, and so do the ffmpegs.
        systemClock.sleep(ABORT_PATIENCE_MS, finished.signal).then(
          () => resolve(undefined),
          () => undefined,
        );
      };
      signal.addEventListener('abort', abort, { once: true, signal: finished.signal });
    });
    if (outcome !== undefined) return outcome;
    await worker.terminate();
    await rm(partPath(request.outputPath), { force: true });
    throw signal.reason;
  } finally {
    finished.abort();
    await worker.terminate();
  }
}
