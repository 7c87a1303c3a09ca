import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';

import type { Api } from '../../src/api/api.ts';
import { createHttpApi } from '../../src/api/httpApi.ts';
import { withRetries } from '../../src/api/withRetries.ts';
import { startWebhookReceiver } from '../../src/api/webhooks/webhookReceiver.ts';
import { createPoller, type Poller } from '../../src/batch/poller.ts';
import type { WaitResult } from '../../src/batch/watchedJobs.ts';
import type { Behaviour } from '../../src/sandbox/behaviour.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { Work } from '../../src/sandbox/work.ts';
import { KEY } from '../sandbox/doubles.ts';
import { clientOf, open } from '../sandbox/support.ts';
import { virtualClock, type VirtualClock } from './virtualClock.ts';

const CLIP_SECONDS = 10;
const MINUTE = 60_000;

interface Ended {
  readonly result: WaitResult;
  readonly delayMs: number;
}

interface Watch {
  readonly clock: VirtualClock;
  readonly poller: Poller;
  /** Starts a job and returns its id. */
  readonly started: () => Promise<string>;
  /** What a job came to, and how long after its end. */
  readonly wait: (id: string) => Promise<Ended>;
  /** So many jobs, started half a second after one another and waited for. */
  readonly jobs: (count: number) => Promise<readonly Ended[]>;
  /** So many drafts under the same key, of which this run knows nothing. */
  readonly others: (count: number) => Promise<void>;
  /** Questions about one job, and lists, with the times at which they were asked. */
  readonly asked: { readonly what: 'job' | 'list'; readonly atMs: number }[];
  readonly lists: () => number;
  readonly questions: () => number;
}

/** A poller before a real sandbox, both on a clock that jumps; jobs take so many seconds. */
async function watch(
  seconds: (job: number) => number,
  options: {
    readonly behaviour?: Partial<Behaviour>;
    readonly faults?: readonly Fault[];
    readonly workers?: number;
    readonly ratios?: readonly number[];
    readonly jobTimeoutMs?: number;
    readonly signal?: AbortSignal;
    /** Deliveries of the sandbox's webhooks reach the poller. */
    readonly webhooks?: boolean;
  } = {},
): Promise<Watch> {
  let atWork = 0;
  let hasWorked = true;
  const ending: string[] = [];
  const clock = virtualClock(async () => {
    await turn();
    for (let id = ending.pop(); id !== undefined; id = ending.pop()) await client.ended(id);
    // Deliveries of webhooks are nobody's to wait for.
    while (hasWorked || atWork > 0) {
      hasWorked = atWork > 0;
      await delay(3);
    }
  });
  const endedAt = new Map<string, number>();
  let worked = 0;
  const work: Work = async ({ jobId }, { signal }) => {
    const job = worked;
    worked += 1;
    await clock.sleep(seconds(job) * 1_000, signal);
    endedAt.set(jobId, clock.monotonic());
    ending.push(jobId);
    hasWorked = true;
    return { ok: true, durationSeconds: CLIP_SECONDS };
  };
  const { behaviour = {}, faults = [], workers = 64 } = options;
  const webhookSecret = 'whsec';
  const sandbox = await open({ clock, work, workers, behaviour, faults, webhookSecret });
  const client = clientOf(sandbox.url);
  const http = createHttpApi({ baseUrl: sandbox.url, apiKey: KEY, userAgent: 'test' });
  const asked: Watch['asked'] = [];
  const counted = async <T>(what: 'job' | 'list', call: () => Promise<T>): Promise<T> => {
    asked.push({ what, atMs: clock.monotonic() });
    atWork += 1;
    hasWorked = true;
    try {
      return await call();
    } finally {
      atWork -= 1;
    }
  };
  const apiOnce: Api = {
    ...http,
    getJob: (id, signal) => counted('job', () => http.getJob(id, signal)),
    listJobs: (page, signal) => counted('list', () => http.listJobs(page, signal)),
  };
  const ratios = [...(options.ratios ?? [])];
  const poller = createPoller({
    api: withRetries(apiOnce, { clock, random: () => 0, report: () => undefined }),
    apiOnce,
    clock,
    times: { latest: () => ratios, add: (ratio) => void ratios.push(ratio) },
    signal: options.signal ?? new AbortController().signal,
    jobTimeoutMs: options.jobTimeoutMs ?? 60 * MINUTE,
    requestsPerSecond: () => 10,
  });
  const receiver = await startWebhookReceiver({
    host: '127.0.0.1',
    port: 0,
    secrets: [webhookSecret],
    clock,
    onEvent({ event, jobId }) {
      hasWorked = true;
      if (jobId !== undefined && event !== 'job.started') poller.hint(jobId);
    },
  });
  onTestFinished(() => receiver.close());
  const fields = options.webhooks === true ? { webhook_url: `http://${receiver.address}` } : {};
  async function started(): Promise<string> {
    atWork += 1;
    hasWorked = true;
    const { id } = await client.started(CLIP_SECONDS, fields).finally(() => {
      atWork -= 1;
    });
    return id;
  }
  async function wait(jobId: string): Promise<Ended> {
    const clipMs = CLIP_SECONDS * 1_000;
    const result = await poller.wait({ jobId, clipMs, isFresh: true, onProgress: () => undefined });
    return { result, delayMs: clock.monotonic() - (endedAt.get(jobId) ?? 0) };
  }
  const count = (what: 'job' | 'list') => () => asked.filter((one) => one.what === what).length;
  return {
    clock,
    poller,
    started,
    wait,
    jobs: (number) =>
      clock.run(
        Promise.all(
          Array.from({ length: number }, async (_, index) => {
            await clock.sleep(index * 500);
            return wait(await started());
          }),
        ),
      ),
    others: (number) =>
      clock.run(
        (async () => {
          atWork += 1;
          for (let draft = 0; draft < number; draft += 1) await client.draft(CLIP_SECONDS);
          atWork -= 1;
        })(),
      ),
    asked,
    lists: count('list'),
    questions: count('job'),
  };
}

const worst = (ended: readonly { readonly delayMs: number }[]): number =>
  Math.max(...ended.map(({ delayMs }) => delayMs));
const kinds = (ended: readonly { readonly result: WaitResult }[]): readonly string[] => [
  ...new Set(ended.map(({ result }) => result.kind)),
];
/** Three to eighteen seconds, mixed. */
const mixed = (job: number): number => 3 + ((job * 7) % 16);

const outputs = (ended: readonly Ended[]): number =>
  ended.filter(({ result }) => 'view' in result && result.view.outputUrl !== undefined).length;

test('many jobs are watched through one list, whose word is enough once a question has confirmed it', async () => {
  const { jobs, lists, questions } = await watch(mixed);
  const ended = await jobs(16);
  expect(kinds(ended)).toEqual(['completed']);
  expect(outputs(ended)).toBe(16);
  expect(worst(ended)).toBeLessThan(5_000);
  expect(questions()).toBeLessThan(16 * 0.5);
  expect(lists() + questions()).toBeLessThan(16 * 1.4);
});

test('where the list does not say where outputs are, each job is asked for once it has ended', async () => {
  const { jobs, lists, questions } = await watch(mixed, { behaviour: { listOutputUrl: false } });
  const ended = await jobs(16);
  expect(outputs(ended)).toBe(16);
  expect(worst(ended)).toBeLessThan(8_000);
  expect(questions()).toBeLessThan(16 * 1.4);
  expect(lists() + questions()).toBeLessThan(16 * 2);
});

test('a failed job is asked for its reason', async () => {
  const faults: readonly Fault[] = [
    { endpoint: 'work', every: 4, kind: 'failed_job', reason: 'too dark' },
  ];
  const { jobs, questions } = await watch(mixed, { faults });
  const ended = await jobs(16);
  const reasons = ended.flatMap(({ result }) =>
    result.kind === 'failed' ? result.view.error : [],
  );
  expect(reasons).toEqual(Array(4).fill('processing_failed: too dark'));
  expect(questions()).toBeLessThan(4 + 16 * 0.5);
});

test('where the list of all jobs shows those of others first, it is soon read no more', async () => {
  const { jobs, others, lists, questions } = await watch(mixed, {
    behaviour: { listOrder: 'oldest_first' },
  });
  await others(120);
  const ended = await jobs(16);
  expect(kinds(ended)).toEqual(['completed']);
  expect(worst(ended)).toBeLessThan(8_000);
  expect(questions()).toBeLessThan(16 * 1.4);
  expect(lists() + questions()).toBeLessThan(16 * 2 + 4);
});

test.each<[string, Partial<Behaviour>]>([
  [
    'a bare array, oldest first, without a total',
    { listShape: 'array', listOrder: 'oldest_first', listTotal: false },
  ],
  ['pages of at most ten', { listPageCap: 10 }],
  ['ids under another name', { idField: 'job_id', listShape: 'data' }],
])('%s is a list as good as any', async (_, behaviour) => {
  const { jobs, lists, questions } = await watch(mixed, { behaviour });
  const ended = await jobs(16);
  expect(kinds(ended)).toEqual(['completed']);
  expect(worst(ended)).toBeLessThan(8_000);
  expect(questions()).toBeLessThan(16 * 1.5);
  expect(lists()).toBeLessThan(16 * 2);
});

test('a job that is likely to end at once is asked for after two seconds, and not a moment later', async () => {
  const known = Array.from({ length: 30 }, () => 0);
  const { jobs, asked, lists } = await watch(() => 0.02, { ratios: known });
  const ended = await jobs(4);
  expect(kinds(ended)).toEqual(['completed']);
  expect(lists()).toBe(0);
  expect(asked).toHaveLength(4);
  expect(worst(ended)).toBeLessThan(2_020);
});

test.each<[string, Partial<Behaviour>, readonly Fault[], number]>([
  ['lags half a minute behind', { listLagMs: 30_000 }, [], 64],
  ['fails', {}, [{ endpoint: 'list', kind: 'status', status: 500 }], 64],
  ['is a page for people', {}, [{ endpoint: 'list', kind: 'html_200' }], 64],
  ['names no jobs', {}, [{ endpoint: 'list', kind: 'rewrite_json', set: { items: [] } }], 64],
  ['has waiting jobs under a word of their own', { queuedWord: 'waiting' }, [], 4],
  ['calls running jobs by something that is no word', { processingWord: null }, [], 64],
])(
  'a list that %s costs neither jobs nor a storm of questions',
  async (_, behaviour, faults, workers) => {
    const { jobs, lists, questions } = await watch(() => 45, { behaviour, faults, workers });
    const ended = await jobs(8);
    expect(kinds(ended)).toEqual(['completed']);
    expect(worst(ended)).toBeLessThan(12_000);
    // The vendor's client asks for each of these jobs every two seconds.
    expect(questions()).toBeLessThan((8 * 45) / 4);
    expect(lists()).toBeLessThan(45);
  },
);

test('two jobs are asked for by themselves, not before two seconds and no faster than that', async () => {
  const { jobs, asked, lists, clock } = await watch(() => 9);
  const begun = clock.monotonic();
  const ended = await jobs(2);
  expect(kinds(ended)).toEqual(['completed']);
  expect(lists()).toBe(0);
  expect(Math.min(...asked.map(({ atMs }) => atMs - begun))).toBeGreaterThanOrEqual(2_000);
  expect(asked.length).toBeLessThanOrEqual(2 * 4);
  expect(worst(ended)).toBeLessThan(5_000);
});

test('a model whose times are known is looked at when jobs are likely to end', async () => {
  const known = Array.from({ length: 30 }, (_, index) => 2 + (index % 10) / 20);
  const { jobs, questions } = await watch(() => 23, { ratios: known });
  const ended = await jobs(1);
  expect(questions()).toBeLessThanOrEqual(2);
  expect(worst(ended)).toBeLessThan(3_000);
});

test('times that have become much shorter are learned from', async () => {
  const slow = Array.from({ length: 30 }, () => 6);
  const { jobs } = await watch(() => 4, { ratios: slow });
  const delays: number[] = [];
  for (let nth = 0; nth < 14; nth += 1) delays.push(worst(await jobs(1)));
  expect(delays[0]).toBeGreaterThan(30_000);
  expect(delays.at(-1)).toBeLessThan(15_000);
});

test('a job that never ends is looked at rarely after ten minutes, and given up in time', async () => {
  const { jobs, questions } = await watch(() => 1e6, { jobTimeoutMs: 20 * MINUTE });
  const ended = await jobs(1);
  expect(kinds(ended)).toEqual(['timeout']);
  // Ten minutes growing to the docs' slowest, then once a minute.
  expect(questions()).toBeLessThan(75 + 11);
});

test('a hint brings one look at once, but never too soon, and for known jobs only', async () => {
  const { started, wait, clock, poller, asked } = await watch(() => 30);
  const id = await clock.run(started());
  const begun = clock.monotonic();
  const waiting = wait(id);
  const flood = (): void => {
    for (let nth = 0; nth < 100; nth += 1)
      for (const one of [id, 'job_of_others']) poller.hint(one);
  };
  flood();
  await clock.run(clock.sleep(2_500));
  expect(asked.map(({ atMs }) => atMs - begun)).toEqual([2_000]);
  flood();
  await clock.run(clock.sleep(2_000));
  expect(asked.map(({ atMs }) => atMs - begun)).toEqual([2_000, 4_000]);
  await clock.run(clock.sleep(30_000 - (clock.monotonic() - begun)));
  poller.hint(id);
  await clock.run(waiting);
  expect(clock.monotonic() - begun).toBeLessThanOrEqual(32_000);
});

test('once hints have proved to come, looking waits for them, and goes on without them', async () => {
  const { started, wait, clock, poller, asked } = await watch(() => 40);
  for (let job = 0; job < 3; job += 1) {
    const id = await clock.run(started());
    const waiting = wait(id);
    await clock.run(clock.sleep(40_010));
    poller.hint(id);
    await clock.run(waiting);
  }
  asked.length = 0;
  const { result } = await clock.run(wait(await clock.run(started())));
  expect(result).toMatchObject({ kind: 'completed' });
  expect(asked.length).toBeLessThanOrEqual(3);
});

test('signed webhooks take the place of looking, and forged ones change nothing', async () => {
  const faults: readonly Fault[] = [{ endpoint: 'webhook', every: 10, kind: 'bad_signature' }];
  const told = await watch(mixed, { webhooks: true, behaviour: { webhookRetries: 0 }, faults });
  const ended = await told.jobs(24);
  expect(kinds(ended)).toEqual(['completed']);
  const prompt = ended.filter(({ delayMs }) => delayMs <= 2_000);
  expect(prompt.length).toBeGreaterThan(24 * 0.7);
  expect(told.lists() + told.questions()).toBeLessThan(24 * 1.7);
  expect(worst(ended)).toBeLessThan(35_000);
});

test('a refused key ends the wait, and so does an interruption', async () => {
  const refused: Fault = { endpoint: 'get', kind: 'status', status: 401 };
  const unauthorised = await watch(() => 30, { faults: [refused] });
  await expect(unauthorised.jobs(1)).rejects.toMatchObject({ status: 401 });

  const interruption = new AbortController();
  const { started, wait, clock } = await watch(() => 30, { signal: interruption.signal });
  const ids = [await clock.run(started()), await clock.run(started())];
  const waiting = Promise.allSettled(ids.map(wait));
  interruption.abort(new Error('interrupted'));
  const ended = await clock.run(waiting);
  expect(ended.map((one) => one.status === 'rejected' && String(one.reason))).toEqual([
    'Error: interrupted',
    'Error: interrupted',
  ]);
});
