import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

import type { Api } from '../src/api/api.ts';
import { ApiError } from '../src/api/apiError.ts';
import type { Clock } from '../src/core/clock.ts';
import type { JobView } from '../src/core/jobView.ts';
import { hashFile } from '../src/files/hashFile.ts';
import { createRateLimit } from '../src/sandbox/accounts/rateLimit.ts';

/** What an answer takes, beside the transfer of a clip or an output. */
const LATENCY_MS = 80;
const UPLOAD_MS = 500;
const DOWNLOAD_MS = 300;

interface SimulatedJob {
  readonly seconds: number;
  /** On the clock; `undefined` for a draft. */
  endsAt: number | undefined;
}

/** The service as far as a batch uses it, on a clock of the bench's own. */
export interface SimulatedService {
  readonly api: Api;
  /** Creates a job that is started at once, as `auto_start: true` does. */
  createStarted(videoUrl: string): Promise<string>;
  /** When a started job ends. */
  endOf(id: string): number;
  /** Requests to the API, refused ones included. */
  requests(): number;
  statusRequests(): number;
}

/** A batch and a server for it. */
export interface Load {
  readonly seed: number;
  /** How long each job takes, in seconds. */
  readonly seconds: readonly number[];
  readonly slots: number;
}

/** A program that takes a load to its end. */
export type Client = (service: SimulatedService, clock: Clock, load: Load) => Promise<void>;

/**
 * Jobs wait in line for the server's slots and end when their time has come; every answer takes a
 * moment, and too many requests are refused with 429.
 *
 * @param options.seconds how long the job of the clip with this number takes; clips are named by it
 */
export function simulatedService(
  clock: Clock,
  options: {
    readonly seconds: (clip: number) => number;
    readonly slots?: number;
    readonly ratePerSecond?: number;
    readonly rateBurst?: number;
    /** Items of the list name the outputs of jobs that have ended; default: they do. */
    readonly listOutputUrl?: boolean;
  },
): SimulatedService {
  const { seconds, slots = Infinity, ratePerSecond = null, rateBurst = 10 } = options;
  const { listOutputUrl = true } = options;
  const allow = createRateLimit({ ratePerSecond, rateBurst }, clock);
  const jobs = new Map<string, SimulatedJob>();
  const slotEnds: number[] = [];
  let requests = 0;
  let statusRequests = 0;

  async function answer<T>(make: () => T, transferMs = 0): Promise<T> {
    requests += 1;
    await clock.sleep(LATENCY_MS / 2);
    const allowance = allow('key');
    if (allowance?.allowed === false) {
      await clock.sleep(LATENCY_MS / 2);
      const retryAfterMs = Math.ceil(allowance.waitMs / 1000) * 1000;
      const details = { outcome: 'definite', status: 429, retryAfterMs } as const;
      throw new ApiError('rate_limited', 'too many requests', details);
    }
    await clock.sleep(transferMs);
    const made = make();
    await clock.sleep(LATENCY_MS / 2);
    return made;
  }
  const status = <T>(make: () => T): Promise<T> => {
    statusRequests += 1;
    return answer(make);
  };
  const find = (id: string): SimulatedJob => {
    const job = jobs.get(id);
    if (job === undefined) throw new Error(`no job ${id}`);
    return job;
  };
  const create = (videoUrl: string): string => {
    const id = `job_${jobs.size}`;
    jobs.set(id, { seconds: seconds(Number(videoUrl.split('/').at(-1))), endsAt: undefined });
    return id;
  };
  const start = (id: string): void => {
    const job = find(id);
    const slot =
      slotEnds.length < slots ? slotEnds.length : slotEnds.indexOf(Math.min(...slotEnds));
    job.endsAt = Math.max(clock.monotonic(), slotEnds[slot] ?? 0) + job.seconds * 1000;
    slotEnds[slot] = job.endsAt;
  };
  const wordOf = ({ endsAt }: SimulatedJob): string => {
    if (endsAt === undefined) return 'created';
    return endsAt <= clock.monotonic() ? 'completed' : 'processing';
  };
  const view = (id: string): JobView => {
    const word = wordOf(find(id));
    return {
      id,
      status: word,
      progress: undefined,
      outputUrl: word === 'completed' ? `https://outputs.example/${id}` : undefined,
      error: undefined,
      billingStatus: undefined,
      creditsUsed: undefined,
      createdAt: undefined,
      metadata: {},
      sawStartedEvent: word !== 'created',
    };
  };
  const none = (): Promise<never> => Promise.reject(new Error('not simulated'));
  return {
    api: {
      keyFingerprint: 'key',
      requestsPerSecond: () => Infinity,
      async upload({ path, fileName }) {
        const videoUrl = `https://uploads.example/${Number.parseInt(fileName, 10)}`;
        const sentSha256 = await hashFile(path);
        return answer(() => ({ videoUrl, sizeBytes: undefined, sentSha256 }), UPLOAD_MS);
      },
      createDraft: (videoUrl) => answer(() => view(create(videoUrl))),
      turnToStart: () => Promise.resolve(() => undefined),
      startJob: (id) =>
        answer(() => {
          start(id);
          return { status: view(id).status, requestId: undefined };
        }),
      getJob: (id) => status(() => view(id)),
      listJobs: ({ limit, offset, status: word }) =>
        status(() => {
          const listed = [...jobs].filter(([, job]) => word === undefined || wordOf(job) === word);
          return listed
            .reverse()
            .slice(offset, offset + limit)
            .map(([id]) => (listOutputUrl ? view(id) : { ...view(id), outputUrl: undefined }));
        }),
      downloadUrl: none,
      async openOutput({ url }) {
        await clock.sleep(DOWNLOAD_MS);
        const body = Readable.from([Buffer.from(url)], { objectMode: false });
        return { offset: 0, totalBytes: url.length, etag: undefined, body };
      },
      pricing: none,
      usageSummary: none,
      usageEvents: none,
      health: none,
    },
    createStarted: (videoUrl) =>
      answer(() => {
        const id = create(videoUrl);
        start(id);
        return id;
      }),
    endOf: (id) => find(id).endsAt ?? NaN,
    requests: () => requests,
    statusRequests: () => statusRequests,
  };
}

/** Resolves when nothing is left to be done but to wait for the clock: no file is being worked on. */
export async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await turn();
    if (process.getActiveResourcesInfo().some((name) => name.startsWith('F'))) quiet = -1;
  }
}
