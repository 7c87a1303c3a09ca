import { setMaxListeners } from 'node:events';

import { systemClock, type Clock } from '../core/clock.ts';
import { createMeter } from './accounts/meter.ts';
import { createBackgroundWork } from './backgroundWork.ts';
import { DEFAULT_BEHAVIOUR, type Behaviour } from './behaviour.ts';
import { createDurationReader } from './durationReader.ts';
import { createFaultScript } from './faults/faultScript.ts';
import { withWorkFaults } from './faults/workFaults.ts';
import type { Endpoint, Fault } from './faults.ts';
import { createApp } from './http/app.ts';
import { withFaults, type Handler } from './http/faultGate.ts';
import { listen, withRequestLog } from './http/listen.ts';
import { webhookBody } from './http/webhookBody.ts';
import type { Charge } from './jobs/charge.ts';
import type { Job } from './jobs/job.ts';
import { createJobDesk } from './jobs/jobDesk.ts';
import { createJobRunner } from './jobs/jobRunner.ts';
import { openState, type TakeLock } from './openState.ts';
import { createRetention } from './retention.ts';
import { createWebhookDesk } from './webhooks/webhookDesk.ts';
import type { Work } from './work.ts';

export interface SandboxOptions {
  /** Default `127.0.0.1`: nobody else can reach it. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Where uploads, outputs, jobs and charges live; made when missing. One sandbox at a time. */
  readonly dataDir: string;
  /** Sees to it that it is one at a time; without it nobody does. */
  readonly takeLock?: TakeLock;
  /** Accepted values of `X-Api-Key`. Jobs belong to the key that created them. */
  readonly keys: readonly string[];
  /** Value of `X-Admin-Token` that opens `/v1/admin/*` and `/sandbox/*`; closed without one, or if empty. */
  readonly adminToken?: string;
  readonly work: Work;
  /** Jobs worked at the same time; default 2. */
  readonly workers?: number;
  /** Seconds of a clip, for billing; `undefined` refuses it. */
  readonly probeDurationSeconds: (path: string) => Promise<number | undefined>;
  readonly behaviour?: Partial<Behaviour>;
  readonly faults?: readonly Fault[];
  /** Drives the faults' probabilities: the same seed replays the same run; default 1. */
  readonly seed?: number;
  /** Signs webhooks; without one they carry no signature. */
  readonly webhookSecret?: string;
  /** Uploads are refused (507) when less than this would stay free on the disk; default 500 MB. */
  readonly minFreeBytes?: number;
  /** Jobs and files older than this are removed; never unless told. Charges stay. */
  readonly retentionHours?: number;
  /** Gets one line for each request and each internal error. */
  readonly log?: (line: string) => void;
  readonly clock?: Clock;
}

export interface Sandbox {
  /** Origin without a trailing slash. */
  readonly url: string;
  /** The charge ledger, oldest first; the same lines as `charges.jsonl`. */
  readonly charges: () => readonly Charge[];
  /** Calls of each endpoint since the start, struck by faults or not. */
  readonly requests: () => Readonly<Record<Endpoint, number>>;
  /** Ends connections and work. Jobs in progress stay so, and go on at the next start. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the service's API on a real socket. All state is in `dataDir` and outlives any end of the
 * process; started again on it, possibly on another port, it knows every job, works unfinished ones
 * again and charges none of them twice.
 *
 * @throws RbgvError `sandbox_in_use`, `sandbox_data_damaged`, `sandbox_cannot_listen`
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock = systemClock, log = () => undefined, keys, takeLock, dataDir } = options;
  const behaviour: Behaviour = { ...DEFAULT_BEHAVIOUR, ...options.behaviour };
  const ending = new AbortController();
  const closing = ending.signal;
  // One listener for each job and waiting request is no leak.
  setMaxListeners(0, closing);
  const retention = createRetention(options.retentionHours, clock);
  const background = createBackgroundWork(closing, log);

  const isTooOld = (job: Job): boolean => retention.isTooOld(job);
  const state = await openState({ dataDir, keys, clock, takeLock, isTooOld });
  const { folder, store, book } = state;
  try {
    const meter = createMeter({ book, charges: store.charges, behaviour, clock });
    for (const { key } of book.all()) await meter.welcome(key);
    const { faults = [], seed = 1 } = options;
    const script = createFaultScript(faults, seed, (jobId) => store.numberOf(jobId));

    let origin = '';
    const webhooks = createWebhookDesk({
      behaviour,
      clock,
      secret: options.webhookSecret,
      script,
      bodyOf: (job, event) =>
        webhookBody(job, event, { behaviour, origin, nowMs: clock.now(), runner }),
      record: (jobId, event, told) =>
        store.record([
          { type: 'told', at: new Date(clock.now()).toISOString(), jobId, event, state: told },
        ]),
      log,
      closing,
    });
    const desk = createJobDesk({
      store,
      meter,
      behaviour,
      clock,
      onStarted: (job) => {
        runner.enqueue(job);
        webhooks.tell(job, 'job.started');
      },
      onEnded: (job) => {
        webhooks.tell(job, job.state.status === 'failed' ? 'job.failed' : 'job.completed');
      },
    });
    const runner = createJobRunner({
      work: withWorkFaults(options.work, script),
      slots: options.workers ?? 2,
      folder,
      finish: (id, outcome) => desk.finish(id, outcome),
      log,
    });
    const app = createApp({
      behaviour,
      clock,
      folder,
      book,
      meter,
      store,
      desk,
      runner,
      adminToken: options.adminToken,
      minFreeBytes: options.minFreeBytes ?? 500_000_000,
      requests: script.counts,
      durationOf: createDurationReader(folder, options.probeDurationSeconds),
      log,
      closing,
    });
    const answer: Handler = async (request, bindings) => app.fetch(request, bindings);
    const faulty = withFaults(answer, {
      script,
      behaviour,
      clock,
      closing,
      later: (work) => background.add(work),
    });
    const logged = withRequestLog(faulty, clock, log);
    // A request outlives its connection, and must not outlive the journal.
    const handle: Handler = (request, bindings) => {
      const response = logged(request, bindings);
      background.add(response);
      return response;
    };

    const interrupted = Array.from(store.all()).filter((job) => job.state.status === 'processing');
    const listener = await listen(handle, options.host ?? '127.0.0.1', options.port ?? 0);
    origin = listener.url;
    for (const job of interrupted) {
      desk.resume(job);
      runner.enqueue(job);
    }
    background.add(retention.keep(store, folder, closing));
    return {
      url: listener.url,
      charges: () => store.charges,
      requests: () => script.counts,
      async close() {
        ending.abort(new Error('the sandbox is closing'));
        await listener.close();
        await runner.close();
        await webhooks.close();
        await background.settled();
        await state.close();
      },
    };
  } catch (error) {
    await state.close();
    throw error;
  }
}
