import { ENDPOINTS, type Endpoint, type Fault } from '../faults.ts';
import { seededRandom } from './seededRandom.ts';

/** Counts calls and says what is to go wrong with each. */
export interface FaultScript {
  /** Counts this call; the first entry of the script that matches it, if any. */
  next<Door extends Endpoint>(
    endpoint: Door,
    jobId?: string,
  ): Extract<Fault, { endpoint: Door }> | undefined;
  /** Calls so far. */
  readonly counts: Readonly<Record<Endpoint, number>>;
}

/** @param numberOf the how-manieth job it is, from 1 */
export function createFaultScript(
  faults: readonly Fault[],
  seed: number,
  numberOf: (jobId: string) => number,
): FaultScript {
  const counts = Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, 0])) as Record<
    Endpoint,
    number
  >;
  const entries = faults.map((fault, index) => ({ fault, index, calls: 0, strikes: 0 }));

  /** Counts the call for this entry, and decides. */
  function strikes(entry: (typeof entries)[number], jobId: string | undefined): boolean {
    const { nth, every, from = 1, until = Infinity, probability, job, times } = entry.fault;
    if (job !== undefined && (jobId === undefined || (job !== jobId && job !== numberOf(jobId)))) {
      return false;
    }
    entry.calls += 1;
    const call = entry.calls;
    return (
      (nth === undefined || nth === call) &&
      (every === undefined || call % every === 0) &&
      call >= from &&
      call <= until &&
      (times === undefined || entry.strikes < times) &&
      (probability === undefined || seededRandom(seed, entry.index, call) < probability)
    );
  }

  return {
    counts,
    next<Door extends Endpoint>(endpoint: Door, jobId?: string) {
      counts[endpoint] += 1;
      const mine = entries.filter((entry) => entry.fault.endpoint === endpoint);
      const struck = mine.filter((entry) => strikes(entry, jobId));
      const [first] = struck;
      if (first === undefined) return undefined;
      first.strikes += 1;
      return first.fault as Extract<Fault, { endpoint: Door }>;
    },
  };
}
