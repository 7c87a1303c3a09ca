import { setImmediate as turn } from 'node:timers/promises';

import type { Api } from '../src/api/api.ts';
import { createPoller } from '../src/batch/poller.ts';
import type { Clock } from '../src/core/clock.ts';
import { seededRandom } from '../src/sandbox/faults/seededRandom.ts';
import { virtualClock } from '../test/batch/virtualClock.ts';
import type { Row } from './measure.ts';
import { SHAPES } from './shapes.ts';
import { simulatedService } from './simulatedService.ts';

/** None of them is the one that the poller was tuned with. */
const SEEDS = [24, 25, 26];
const CLIP_MS = 20_000;
/** Nobody looks more often (vendor page: job status). */
const LEAST_SECONDS = 2;

/** What one job costs in requests, and how long after its end it is known to have ended. */
interface Measured {
  readonly requestsPerJob: number;
  readonly meanSeconds: number;
  readonly p95Seconds: number;
  /** Time between the ends of two jobs. */
  readonly gapSeconds: number;
}

type StatusApi = Pick<Api, 'getJob' | 'listJobs'>;
type Wait = (jobId: string) => Promise<unknown>;

async function measure(
  seed: number,
  seconds: readonly number[],
  concurrency: number,
  makeWait: (api: StatusApi, clock: Clock) => Wait,
  listOutputUrl: boolean,
): Promise<Measured> {
  const clock = virtualClock(turn);
  const service = simulatedService(clock, { seconds: (job) => seconds[job] ?? NaN, listOutputUrl });
  const wait = makeWait(service.api, clock);
  const delays: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let job = next++; job < seconds.length; job = next++) {
      // Upload, draft and start keep the workers from marching in step.
      await clock.sleep(500 + 1_000 * seededRandom(seed, job, 3));
      const id = await service.createStarted(String(job));
      await wait(id);
      delays.push((clock.monotonic() - service.endOf(id)) / 1_000);
    }
  };
  const begun = clock.monotonic();
  await clock.run(Promise.all(Array.from({ length: concurrency }, worker)));
  delays.sort((a, b) => a - b);
  return {
    requestsPerJob: service.statusRequests() / seconds.length,
    meanSeconds: delays.reduce((sum, delay) => sum + delay, 0) / delays.length,
    p95Seconds: delays[Math.floor(delays.length * 0.95)] ?? NaN,
    gapSeconds: (clock.monotonic() - begun) / 1_000 / seconds.length,
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

/** The means of all seeds. */
async function overSeeds(
  shape: (seed: number, job: number) => number,
  jobs: number,
  concurrency: number,
  makeWait: (api: StatusApi, clock: Clock) => Wait,
  listOutputUrl = true,
): Promise<Measured> {
  const all: Measured[] = [];
  for (const seed of SEEDS) {
    const seconds = Array.from({ length: jobs }, (_, job) => shape(seed, job));
    all.push(await measure(seed, seconds, concurrency, makeWait, listOutputUrl));
  }
  const mean = (pick: (one: Measured) => number): number =>
    all.reduce((sum, one) => sum + pick(one), 0) / all.length;
  return {
    requestsPerJob: mean((one) => one.requestsPerJob),
    meanSeconds: mean((one) => one.meanSeconds),
    p95Seconds: mean((one) => one.p95Seconds),
    gapSeconds: mean((one) => one.gapSeconds),
  };
}

/** Status requests and detection delay of the poller against fixed polls, on a virtual clock. */
export async function benchPolling(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const jobs of [40, 400]) {
    for (const [shape, secondsOf] of Object.entries(SHAPES)) {
      for (const concurrency of [4, 8, 32]) {
        const mine = await overSeeds(secondsOf, jobs, concurrency, ours);
        const mute = await overSeeds(secondsOf, jobs, concurrency, ours, false);
        const peer = await overSeeds(secondsOf, jobs, concurrency, fixed);
        rows.push({
          what: `status: ${jobs} jobs, ${shape}, ${concurrency} at once (virtual clock, seeds ${SEEDS.join(', ')})`,
          figure: text(mine),
          against: `a question a job every 2 s: ${text(peer)}; a list for each end, evenly: ${evenly(mine)}; ours where lists name no outputs: ${text(mute)}`,
          ratio: `${(peer.requestsPerJob / mine.requestsPerJob).toFixed(1)} × fewer`,
        });
      }
    }
  }
  return rows;
}

/**
 * What a request for each end can buy where a job's time tells nothing of the next one's: lists as
 * far apart as ends are, each of which comes half of that late.
 */
function evenly({ gapSeconds }: Measured): string {
  const seconds = Math.max(gapSeconds, LEAST_SECONDS) / 2;
  return `${Math.min(1, gapSeconds / LEAST_SECONDS).toFixed(2)}, ${seconds.toFixed(1)} s`;
}

function text({ requestsPerJob, meanSeconds, p95Seconds }: Measured): string {
  const delay = `${meanSeconds.toFixed(1)} s late, p95 ${p95Seconds.toFixed(1)} s`;
  return `${requestsPerJob.toFixed(2)} requests a job, ${delay}`;
}
