import { systemClock, type Clock } from '../core/clock.ts';
import { DEFAULT_BEHAVIOUR, type Behaviour } from './behaviour.ts';
import type { DataFolder } from './disk/dataFolder.ts';
import { createFaultScript, type Endpoint, type Fault } from './faults.ts';
import { createApp } from './http/app.ts';
import { withFaults, type Handler } from './http/faultGate.ts';
import { createKeyRing } from './http/keyRing.ts';
import { listen, withRequestLog } from './http/listen.ts';
import type { Charge } from './jobs/charge.ts';
import { createJobDesk } from './jobs/jobDesk.ts';
import { createJobRunner } from './jobs/jobRunner.ts';
import { openState } from './openState.ts';
import type { Work } from './work.ts';

export interface SandboxOptions {
  /** Default `127.0.0.1`: nobody else can reach it. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Where uploads, outputs, jobs and charges live; made when missing. One sandbox at a time. */
  readonly dataDir: string;
  /** Accepted values of `X-Api-Key`. Jobs belong to the key that created them. */
  readonly keys: readonly string[];
  readonly work: Work;
  /** Jobs worked at the same time; default 2. */
  readonly workers?: number;
  /** Seconds of a clip, for billing; `undefined` refuses it. */
  readonly probeDurationSeconds: (path: string) => Promise<number | undefined>;
  readonly behaviour?: Partial<Behaviour>;
  readonly faults?: readonly Fault[];
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
  const clock = options.clock ?? systemClock;
  const log = options.log ?? (() => undefined);
  const behaviour: Behaviour = { ...DEFAULT_BEHAVIOUR, ...options.behaviour };
  const script = createFaultScript(options.faults ?? []);
  const closing = new AbortController();

  const state = await openState(options.dataDir);
  const { folder, store } = state;
  const interrupted = Array.from(store.all()).filter((job) => job.state.status === 'processing');

  const desk = createJobDesk({
    store,
    behaviour,
    clock,
    onStarted: (job) => {
      runner.enqueue(job);
    },
  });
  const { work, workers: slots = 2 } = options;
  const runner = createJobRunner({
    work,
    slots,
    folder,
    finish: (id, outcome) => desk.finish(id, outcome),
    log,
  });
  const keys = createKeyRing(options.keys);
  const durationOf = createDurationReader(folder, options.probeDurationSeconds);
  const app = createApp({ behaviour, clock, folder, keys, store, desk, runner, durationOf, log });
  const answer: Handler = async (request, bindings) => app.fetch(request, bindings);
  const handle = withRequestLog(withFaults(answer, script, clock, closing.signal), clock, log);

  try {
    const listener = await listen(handle, options.host ?? '127.0.0.1', options.port ?? 0);
    for (const job of interrupted) runner.enqueue(job);
    return {
      url: listener.url,
      charges: () => store.charges,
      requests: () => script.counts,
      async close() {
        closing.abort(new Error('the sandbox is closing'));
        await listener.close();
        await runner.close();
        await state.close();
      },
    };
  } catch (error) {
    await state.close();
    throw error;
  }
}

/** Reads each clip's length once, as a thousand jobs may share one upload. */
function createDurationReader(
  folder: DataFolder,
  probe: SandboxOptions['probeDurationSeconds'],
): (fileName: string) => Promise<number | undefined> {
  const known = new Map<string, Promise<number | undefined>>();
  return (fileName) => {
    const reading = known.get(fileName) ?? probe(folder.upload(fileName));
    known.set(fileName, reading);
    reading.catch(() => known.delete(fileName));
    return reading;
  };
}
