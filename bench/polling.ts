import { setImmediate as turn } from 'node:timers/promises';

import type { Api } from '../src/api/api.ts';
import { createPoller } from '../src/batch/poller.ts';
import type { Clock } from '../src/core/clock.ts';
import type { JobView } from '../src/core/jobView.ts';
import { seededRandom } from '../src/sandbox/faults/seededRandom.ts';
import { virtualClock } from '../test/batch/virtualClock.ts';
import type { Row } from './measure.ts';

const SEED = 7;
const LATENCY_MS = 80;
const CLIP_MS = 20_000;
const MEDIAN_SECONDS = 10;
const SIGMA = 0.5;

/** What one job costs in requests, and how long after its end it is known to have ended. */
interface Measured {
  readonly requestsPerJob: number;
  readonly meanSeconds: number;
  readonly p95Seconds: number;
}

type StatusApi = Pick<Api, 'getJob' | 'listJobs'>;
type Wait = (jobId: string) => Promise<unknown>;

/** Jobs of this service end when their time has come; every answer takes a moment. */
function simulatedService(clock: Clock) {
  const ends = new Map<string, number>();
  let requests = 0;
  const endOf = (id: string): number => ends.get(id) ?? NaN;
  const view = (id: string): JobView => ({
    id,
    status: endOf(id) <= clock.monotonic() ? 'completed' : 'processing',
    progress: undefined,
    outputUrl: undefined,
    error: undefined,
    billingStatus: undefined,
    metadata: {},
    sawStartedEvent: true,
  });
  async function answer<T>(make: () => T): Promise<T> {
    requests += 1;
    await clock.sleep(LATENCY_MS);
    return make();
  }
  const running = (): string[] => [...ends.keys()].filter((id) => endOf(id) > clock.monotonic());
  const api: StatusApi = {
    getJob: (id) => answer(() => view(id)),
    listJobs: ({ limit, offset }) =>
      answer(() =>
        running()
          .slice(offset, offset + limit)
          .map(view),
      ),
  };
  return {
    api,
    endOf,
    start: (id: string, ms: number) => ends.set(id, clock.monotonic() + ms),
    requests: () => requests,
  };
}

async function measure(
  seconds: readonly number[],
  concurrency: number,
  makeWait: (api: StatusApi, clock: Clock) => Wait,
): Promise<Measured> {
  const clock = virtualClock(turn);
  const service = simulatedService(clock);
  const wait = makeWait(service.api, clock);
  const delays: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let job = next++; job < seconds.length; job = next++) {
      // Upload, draft and start keep the workers from marching in step.
      await clock.sleep(500 + 1_000 * seededRandom(SEED, job, 3));
      const id = `job_${job}`;
      service.start(id, (seconds[job] ?? 0) * 1_000);
      await wait(id);
      delays.push((clock.monotonic() - service.endOf(id)) / 1_000);
    }
  };
  await clock.run(Promise.all(Array.from({ length: concurrency }, worker)));
  delays.sort((a, b) => a - b);
  return {
    requestsPerJob: service.requests() / seconds.length,
    meanSeconds: delays.reduce((sum, delay) => sum + delay, 0) / delays.length,
    p95Seconds: delays[Math.floor(delays.length * 0.95)] ?? NaN,
  };
}

/** rbgv's poller, with nothing learned in earlier runs. */
function ours(api: StatusApi, clock: Clock): Wait {
  let ratios: readonly number[] = [];
  const poller = createPoller({
    api,
    apiOnce: api,
    clock,
    times: {
      latest: () => ratios,
      add: (ratio) => {
        ratios = [ratio, ...ratios].slice(0, 200);
      },
    },
    signal: new AbortController().signal,
    jobTimeoutMs: 6 * 3_600_000,
    requestsPerSecond: () => 10,
  });
  const rest = { clipMs: CLIP_MS, isFresh: true, onProgress: () => undefined };
  return (jobId) => poller.wait({ jobId, ...rest });
}

/** As the vendor's client does: each job is asked for every two seconds. */
function fixed(api: StatusApi, clock: Clock): Wait {
  const { signal } = new AbortController();
  return async (id) => {
    do await clock.sleep(2_000);
    while ((await api.getJob(id, signal)).status !== 'completed');
  };
}

/** How long each job takes, in seconds. */
const SHAPES: Readonly<Record<string, (job: number) => number>> = {
  equal: () => MEDIAN_SECONDS,
  lognormal(job) {
    const radius = Math.sqrt(-2 * Math.log(1 - seededRandom(SEED, job, 1)));
    const normal = radius * Math.cos(2 * Math.PI * seededRandom(SEED, job, 2));
    return MEDIAN_SECONDS * Math.exp(SIGMA * normal);
  },
};

/** Status requests and detection delay of the poller against fixed polls, on a virtual clock. */
export async function benchPolling(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const jobs of [40, 400]) {
    for (const [shape, secondsOf] of Object.entries(SHAPES)) {
      const seconds = Array.from({ length: jobs }, (_, job) => secondsOf(job));
      for (const concurrency of [4, 8, 32]) {
        const mine = await measure(seconds, concurrency, ours);
        const peer = await measure(seconds, concurrency, fixed);
        rows.push({
          what: `status: ${jobs} jobs, ${shape}, ${concurrency} at once (virtual clock, seed ${SEED})`,
          figure: text(mine),
          against: `a question a job every 2 s: ${text(peer)}`,
          ratio: `${(peer.requestsPerJob / mine.requestsPerJob).toFixed(1)} × fewer`,
        });
      }
    }
  }
  return rows;
}

function text({ requestsPerJob, meanSeconds, p95Seconds }: Measured): string {
  const delay = `${meanSeconds.toFixed(1)} s late, p95 ${p95Seconds.toFixed(1)} s`;
  return `${requestsPerJob.toFixed(2)} requests a job, ${delay}`;
}
