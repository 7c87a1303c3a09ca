import { setMaxListeners } from 'node:events';
import PQueue from 'p-queue';

import type { DataFolder } from '../disk/dataFolder.ts';
import type { Work, WorkBackground, WorkOutcome, WorkRequest } from '../work.ts';
import { outputName, type Job, type JobBackground } from './job.ts';

/** Works started jobs, a few at a time, in the order they were started. */
export interface JobRunner {
  /** Does nothing for a job that is waiting or being worked already. */
  enqueue(job: Job): void;
  /** Whole percent, 0..99, of a job that is waiting or being worked. */
  progressOf(jobId: string): number;
  /** Whether a job waits for a slot. */
  isWaiting(jobId: string): boolean;
  /** Aborts what runs and waits for it. The jobs stay `processing` and are worked again later. */
  close(): Promise<void>;
}

export function createJobRunner(deps: {
  readonly work: Work;
  /** Jobs worked at the same time, 1 or more. */
  readonly slots: number;
  readonly folder: DataFolder;
  readonly finish: (jobId: string, outcome: WorkOutcome) => Promise<void>;
  readonly log: (line: string) => void;
}): JobRunner {
  const queue = new PQueue({ concurrency: deps.slots });
  const closing = new AbortController();
  // Each slot listens.
  setMaxListeners(0, closing.signal);
  const active = new Set<string>();
  const waiting = new Set<string>();
  const progress = new Map<string, number>();

  async function run(job: Job): Promise<void> {
    waiting.delete(job.id);
    const outcome = await attempt(job);
    // An abort says nothing about the clip: the next process works the job again.
    if (closing.signal.aborted) return;
    active.delete(job.id);
    await deps.finish(job.id, outcome);
    if (!active.has(job.id)) progress.delete(job.id);
  }

  async function attempt(job: Job): Promise<WorkOutcome> {
    const context = {
      signal: closing.signal,
      onProgress: (fraction: number) => {
        progress.set(job.id, Math.max(0, Math.min(99, Math.floor(fraction * 100))));
      },
    };
    try {
      return await deps.work(workRequest(job, deps.folder), context);
    } catch (error) {
      return { ok: false, code: 'sandbox_engine_failed', reason: String(error) };
    }
  }

  return {
    enqueue(job) {
      if (active.has(job.id)) return;
      active.add(job.id);
      waiting.add(job.id);
      progress.set(job.id, 0);
      queue
        .add(() => run(job))
        .catch((error: unknown) => {
          deps.log(`job ${job.id}: ${String(error)}`);
        });
    },
    progressOf: (jobId) => progress.get(jobId) ?? 0,
    isWaiting: (jobId) => waiting.has(jobId),
    async close() {
      queue.clear();
      closing.abort(new Error('the sandbox is closing'));
      await queue.onIdle();
    },
  };
}

function workRequest(job: Job, folder: DataFolder): WorkRequest {
  const { model, format, background, prompt, previewSeconds, composition } = job.order;
  return {
    jobId: job.id,
    inputPath: folder.upload(job.source.fileName),
    outputPath: folder.output(outputName(job)),
    model,
    format,
    background: workBackground(background, folder),
    ...(prompt === undefined ? {} : { prompt }),
    ...(previewSeconds === undefined ? {} : { previewSeconds }),
    ...(composition === undefined ? {} : { composition }),
    durationSeconds: job.source.durationSeconds,
  };
}

function workBackground(background: JobBackground, folder: DataFolder): WorkBackground {
  return background.type === 'image'
    ? { type: 'image', path: folder.upload(background.fileName) }
    : background;
}
