import { setMaxListeners } from 'node:events';

import type { Api } from '../src/api/api.ts';
import { ApiError } from '../src/api/apiError.ts';
import type { RateState } from '../src/api/rateState.ts';
import { withRetries } from '../src/api/withRetries.ts';
import { withTraffic } from '../src/api/withTraffic.ts';
import { backoffMs } from '../src/core/backoff.ts';
import { ownRecord, type SharedRecord } from '../src/core/sharedRecord.ts';
import { createRateLimit } from '../src/sandbox/accounts/rateLimit.ts';
import { seededRandom } from '../src/sandbox/faults/seededRandom.ts';
import { virtualClock } from '../test/api/virtualClock.ts';
import type { Row } from './measure.ts';

const SEED = 1;
const CALLERS = 12;
const ROUND_TRIP_MS = 100;
const LIMITS = [1, 5, 20];
const BURST = 10;
const SECONDS = 240;
const never = new AbortController().signal;
setMaxListeners(0, never);

/** What a server says at a time: how many requests a second it takes, or that it is down. */
type Weather = (second: number) => number | 'down';

/** A client: what one of its many callers does, again and again, until the time is over. */
type Client = (
  service: Service,
  record: SharedRecord<RateState>,
) => { readonly call: () => Promise<unknown> };

interface Service {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly random: () => number;
  /** One exchange: rejects with 429 or 503 as the weather is. */
  readonly exchange: () => Promise<void>;
}

/** rbgv's own stack: lanes, rate, breaker and retry loop, on the virtual clock. */
const rbgv: Client = ({ clock, random, exchange }, record) => {
  const ask = async (): Promise<{ id: string }> => exchange().then(() => ({ id: 'job_1' }));
  const http = { keyFingerprint: 'k', health: exchange, getJob: ask, createDraft: ask };
  const deps = { clock, random, report: () => undefined };
  const api = withRetries(withTraffic(http as unknown as Api, { ...deps, record }), deps);
  let calls = 0;
  const settings = {
    model: 'light',
    format: 'webm',
    background: { type: 'transparent' },
    prompt: undefined,
  } as const;
  return {
    call: () =>
      (calls += 1) % 2 === 0
        ? api.getJob('job_1', never)
        : api.createDraft('https://cdn/x', settings, {}, never),
  };
};

/** A client that keeps to the documented back-off, each request for itself, and polls every 2 s. */
const perRequest =
  (pauseMs: number): Client =>
  ({ clock, random, exchange }) => ({
    async call() {
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        const failed = await exchange().then(
          () => false,
          () => true,
        );
        if (!failed) break;
        await clock.sleep(backoffMs(attempt, random));
      }
      await clock.sleep(pauseMs);
    },
  });

interface Seen {
  readonly at: number;
  readonly accepted: boolean;
}

/** Lets so many processes of a client press on a server; virtual time, real code. */
async function press(
  client: Client,
  processes: number,
  weather: Weather,
  rateBurst = BURST,
  share = true,
): Promise<readonly Seen[]> {
  const clock = virtualClock();
  const seen: Seen[] = [];
  let draws = 0;
  const random = (): number => seededRandom(SEED, (draws += 1), 1);
  let limit: number | 'down' | undefined;
  let allow: ReturnType<typeof createRateLimit> = () => undefined;
  const exchange = async (): Promise<void> => {
    await clock.sleep(ROUND_TRIP_MS / 2);
    const now = weather(clock.monotonic() / 1000);
    if (now !== limit && now !== 'down') {
      allow = createRateLimit({ ratePerSecond: now, rateBurst }, clock);
    }
    limit = now;
    const answer = now === 'down' ? undefined : allow('key');
    const accepted = answer?.allowed === true;
    seen.push({ at: clock.monotonic() / 1000, accepted });
    await clock.sleep(ROUND_TRIP_MS / 2);
    if (accepted) return;
    const status = answer === undefined ? 503 : 429;
    throw new ApiError('refused', 'refused', {
      outcome: status === 429 ? 'definite' : 'ambiguous',
      status,
      retryAfterMs: answer === undefined ? undefined : Math.ceil(answer.waitMs / 1000) * 1000,
    });
  };
  const common = ownRecord<RateState>();
  const clients = Array.from({ length: processes }, () =>
    client({ clock, random, exchange }, share ? common : ownRecord()),
  );
  const work = clients.flatMap(({ call }) =>
    Array.from({ length: CALLERS }, async () => {
      while (clock.monotonic() < SECONDS * 1000) await call().catch(() => undefined);
    }),
  );
  await clock.run(Promise.all(work));
  return seen;
}

function summary(seen: readonly Seen[], from: number, limit: number): string {
  const late = seen.filter(({ at }) => at >= from && at < SECONDS);
  const accepted = late.filter((one) => one.accepted).length;
  const goodput = accepted / (SECONDS - from) / limit;
  return `${(100 * goodput).toFixed(0)} %, refused ${(100 * (1 - accepted / late.length)).toFixed(1)} %`;
}

/** Seconds after a change until ten seconds in a row come to within a fifth of what is allowed. */
function settled(seen: readonly Seen[], since: number, limit: number): string {
  for (let second = since; second < SECONDS - 10; second += 1) {
    const span = seen.filter((one) => one.accepted && one.at >= second && one.at < second + 10);
    const share = span.length / 10 / limit;
    if (share > 0.8 && share < 1.2) return `${second - since} s`;
  }
  return 'never';
}

/** How the shared rate and the breaker behave under a limit that nobody tells, and in an outage. */
export async function benchTraffic(): Promise<readonly Row[]> {
  const greedy = perRequest(0);
  const rows: Row[] = [];
  for (const burst of [1, BURST]) {
    for (const limit of LIMITS) {
      for (const [who, processes, share] of [
        ['one process', 1, true],
        ['4 processes of a machine', 4, true],
        ['4 machines', 4, false],
      ] as const) {
        const seen = (client: Client) => press(client, processes, () => limit, burst, share);
        rows.push({
          what: `goodput under a hidden limit of ${limit}/s that takes ${burst} at once, ${who}, ${CALLERS} callers each`,
          figure: summary(await seen(rbgv), 60, limit),
          against: `back-off per request: ${summary(await seen(greedy), 60, limit)}`,
          ratio: 'after the first minute of four',
        });
      }
    }
  }
  const change: Weather = (second) => (second < 60 || second >= 120 ? 20 : 2);
  const [ours, peer] = [await press(rbgv, 1, change), await press(greedy, 1, change)];
  for (const [what, since, limit] of [
    ['drops from 20/s to 2/s', 60, 2],
    ['rises from 2/s to 20/s', 120, 20],
  ] as const) {
    rows.push({
      what: `within a fifth of a limit that ${what}`,
      figure: settled(ours, since, limit),
      against: `back-off per request: ${settled(peer, since, limit)}`,
      ratio: 'virtual time',
    });
  }
  const outage: Weather = (second) => (second >= 60 && second < 120 ? 'down' : 1e6);
  const during = (seen: readonly Seen[]): number =>
    seen.filter(({ at }) => at >= 60 && at < 120).length;
  const mine = during(await press(rbgv, 1, outage));
  const theirs = during(await press(perRequest(2_000), 1, outage));
  rows.push({
    what: `requests during an outage of 60 s, ${CALLERS} callers`,
    figure: String(mine),
    against: `polls every 2 s, back-off per request: ${theirs}`,
    ratio: `${(theirs / mine).toFixed(0)} × fewer`,
  });
  return rows;
}
