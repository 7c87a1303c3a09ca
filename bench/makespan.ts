import { virtualClock } from '../test/batch/virtualClock.ts';
import { rbgvBatch } from './rbgvBatch.ts';
import { median, type Row } from './measure.ts';
import { SHAPES } from './shapes.ts';
import { settled, simulatedService, type Client, type Load } from './simulatedService.ts';
import { vendorPattern } from './vendorPattern.ts';

const RATE = 5;
const RATE_BURST = 10;
/** Upload and create (`auto_start: true`): no client does with fewer. One list tells any number of ends. */
const LEAST_REQUESTS = 2;
/**
 * rbgv starts what it has created by a request of its own, so that a lost answer costs no second
 * charge (RELIABILITY.md). These alone are the shortest time in which it can work a load.
 */
const LEAST_REQUESTS_SAFE = 3;
const POOLS = [4, 8, 16, 32, 64];

/** The last one is bound by the rate, the others by the slots; 400 jobs differ little by seed. */
const CASES = [
  { jobs: 40, slots: 4, concurrency: 8, seeds: [1, 2, 3] },
  { jobs: 400, slots: 4, concurrency: 8, seeds: [1] },
  { jobs: 400, slots: 16, concurrency: 32, seeds: [1] },
] as const;

interface Measured {
  /** Times the lower bound. */
  readonly ratio: number;
  readonly requestsPerJob: number;
}

/** What no schedule can be shorter than, in seconds. */
function lowerBound({ seconds, slots }: Load, leastRequests: number = LEAST_REQUESTS): number {
  const sum = seconds.reduce((total, one) => total + one, 0);
  const requests = (seconds.length * leastRequests - RATE_BURST) / RATE;
  return Math.max(sum / slots, Math.max(...seconds), requests);
}

async function measure(load: Load, client: Client): Promise<Measured> {
  const clock = virtualClock(settled);
  const service = simulatedService(clock, {
    seconds: (clip) => load.seconds[clip] ?? NaN,
    slots: load.slots,
    ratePerSecond: RATE,
    rateBurst: RATE_BURST,
  });
  const begun = clock.monotonic();
  await clock.run(client(service, clock, load));
  return {
    ratio: (clock.monotonic() - begun) / 1000 / lowerBound(load),
    requestsPerJob: service.requests() / load.seconds.length,
  };
}

async function middle(loads: readonly Load[], client: Client): Promise<Measured> {
  const all: Measured[] = [];
  for (const load of loads) all.push(await measure(load, client));
  return {
    ratio: median(all.map(({ ratio }) => ratio)),
    requestsPerJob: median(all.map(({ requestsPerJob }) => requestsPerJob)),
  };
}

/**
 * Time of whole batches against the schedule that the server's slots and its rate limit allow, on a
 * virtual clock; beside a program on the vendor's pattern at its defaults and at the best of several
 * sizes of its pool, longest clips first.
 */
export async function benchMakespan(folder: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { jobs, slots, concurrency, seeds } of CASES) {
    for (const [shape, secondsOf] of Object.entries(SHAPES)) {
      const loads = seeds.map((seed) => {
        const seconds = Array.from({ length: jobs }, (_, clip) => secondsOf(seed, clip));
        return { seed, seconds, slots };
      });
      const longestFirst = loads.map((load) => ({
        ...load,
        seconds: [...load.seconds].sort((a, b) => b - a),
      }));
      const mine = await middle(loads, rbgvBatch(folder, concurrency));
      const plain = await middle(loads, vendorPattern(concurrency));
      let best = { pool: 0, ratio: Infinity, requestsPerJob: NaN };
      for (const pool of POOLS) {
        const one = await middle(longestFirst, vendorPattern(pool));
        if (one.ratio < best.ratio) best = { pool, ...one };
      }
      const safe = median(
        loads.map((load) => lowerBound(load, LEAST_REQUESTS_SAFE) / lowerBound(load)),
      );
      rows.push({
        what: `makespan ÷ lower bound: ${jobs} jobs, ${shape}, ${slots} slots, ${RATE} requests/s (seeds ${seeds.join(', ')})`,
        figure: `--concurrency ${concurrency}: ${text(mine)} (with a start of its own at least ${safe.toFixed(3)})`,
        against: `vendor's pattern, pool of ${concurrency}: ${text(plain)}; best, pool of ${best.pool}: ${text(best)}`,
        ratio: `${(mine.ratio / best.ratio).toFixed(2)} × of the best`,
      });
    }
  }
  return rows;
}

function text({ ratio, requestsPerJob }: Measured): string {
  return `${ratio.toFixed(3)}, ${requestsPerJob.toFixed(1)} requests a job`;
}
