import { expect, test } from 'vitest';

import { chargeCount, createWorld, KEY, statuses } from '../batch/harness.ts';
import { clipsOf, expectFaithful, testRows, unguarded } from './faithful.ts';

// Rows 1 to 14 of the fault matrix: creates and starts. The numbers are explained in RELIABILITY.md.

testRows([
  {
    title: '1 a create that never arrived is sent again',
    sandbox: { faults: [{ endpoint: 'create', nth: 2, kind: 'drop_before' }] },
  },
  {
    title: '3 a create answered by a sign-in page, half a JSON or no id is repeated',
    clips: 4,
    sandbox: {
      faults: [
        { endpoint: 'create', nth: 2, kind: 'html_200' },
        { endpoint: 'create', nth: 4, kind: 'truncated_json' },
        { endpoint: 'create', nth: 6, kind: 'rewrite_json', set: { id: null, job_id: null } },
      ],
    },
  },
  {
    title:
      '4 a service that starts drafts by itself is paid once, recorded, and the run ends with 9',
    clips: 3,
    sandbox: { behaviour: { draftFlag: 'ignored' } },
    runs: [{ ends: ['done', 'pending broken_contract', 'pending broken_contract'], exit: 9 }],
    charges: 1,
    resumed: 1,
  },
  {
    title: '5 a start that was carried out and whose connection broke is looked up, not repeated',
    sandbox: { faults: [{ endpoint: 'start', nth: 1, kind: 'drop_after' }] },
  },
  {
    title: '6 a start that is carried out after the client gave up is waited for',
    sandbox: { faults: [{ endpoint: 'start', nth: 1, kind: 'execute_late', ms: 10 }] },
    // The quiet time is a hundred times as long as the server is late.
    longestSleepMs: 1_000,
  },
  {
    title: '7 a start that never arrived is sent again after the quiet time',
    sandbox: { faults: [{ endpoint: 'start', nth: 1, kind: 'drop_before' }] },
  },
  {
    title: '7 starts that never arrive end after four, unpaid, and go on in a later run',
    clips: 1,
    sandbox: { faults: [{ endpoint: 'start', until: 4, kind: 'drop_before' }] },
    runs: [
      { ends: 'pending unclear_start', exit: 8 },
      { ends: 'done', exit: 0 },
    ],
  },
  {
    title: '8 a start answered 500 is looked up, whether it was carried out or not',
    clips: 2,
    sandbox: {
      faults: [
        { endpoint: 'start', nth: 1, kind: 'status', status: 500 },
        { endpoint: 'start', nth: 3, kind: 'status', status: 500, when: 'after' },
      ],
    },
  },
  {
    title: '9 a start answered by a proxy in HTML, or by half a JSON, is looked up',
    clips: 3,
    sandbox: {
      faults: [
        { endpoint: 'start', nth: 1, kind: 'html_502', when: 'after' },
        { endpoint: 'start', nth: 2, kind: 'truncated_json' },
        { endpoint: 'start', nth: 3, kind: 'html_502' },
      ],
    },
  },
  {
    title: '10 “started already” (409, 400) is believed only after a look',
    sandbox: {
      faults: [
        { endpoint: 'start', nth: 1, kind: 'status', status: 409, when: 'after' },
        { endpoint: 'start', nth: 2, kind: 'status', status: 400, when: 'after' },
      ],
    },
  },
  {
    title: '12 out of credits: no further upload or start, what is paid is fetched, exit 5',
    clips: 3,
    sandbox: { behaviour: { startingCredits: 3 } },
    runs: [{ ends: ['done', 'done', 'pending credits'], exit: 5 }],
    charges: 2,
    resumed: 2,
  },
  {
    title: '13 after a top-up the same job goes on, six runs later',
    clips: 1,
    sandbox: {
      faults: [
        { endpoint: 'start', until: 6, kind: 'status', status: 402, code: 'insufficient_credits' },
      ],
    },
    runs: [
      ...Array.from({ length: 6 }, () => ({ ends: 'pending credits', exit: 5 })),
      { ends: 'done', exit: 0 },
    ],
  },
  {
    title: '14 a start that was charged, unheard, before a 402 is found to be paid',
    clips: 1,
    sandbox: {
      faults: [
        { endpoint: 'start', nth: 1, kind: 'drop_before' },
        { endpoint: 'start', nth: 2, kind: 'status', status: 402, when: 'after' },
      ],
    },
  },
]);

test('2 a draft whose create was answered by silence stays an orphan that nobody starts', async () => {
  const world = await createWorld(
    unguarded({ faults: [{ endpoint: 'create', nth: 2, kind: 'drop_after' }] }),
  );
  const clips = await clipsOf(world, 2);
  const outcomes = await world.run(clips, { concurrency: 1 });
  expect(statuses(outcomes)).toEqual(['done', 'done']);
  await expectFaithful(world, clips, [outcomes]);
  const listed = (await (
    await fetch(`${world.sandbox.url}/v1/jobs`, { headers: { 'x-api-key': KEY } })
  ).json()) as { items: readonly { id: string; status: string }[] };
  const ours = new Set(outcomes.map(({ jobId }) => jobId));
  const orphans = listed.items.filter(({ id }) => !ours.has(id));
  expect(orphans.every(({ status }) => status === 'created')).toBe(true);
  expect(listed.items.length).toBeLessThanOrEqual(3);
});

test.each([
  ['none', undefined, 1],
  ['0', '0', 1],
  ['3 s', '3', 3],
  ['90 s', '90', 90],
  ['minus one', '-1', 1],
  ['a moment instead of a span', '1000000000', 1],
  ['half a number', '2abc', 1],
  ['a word', 'soon', 1],
])(
  '11 a start refused with 429 and Retry-After %s never comes earlier than asked',
  async (_, retryAfter, seconds) => {
    const starts: number[] = [];
    const world = await createWorld(
      unguarded({
        log: (line) => {
          if (/POST \S+\/start/.test(line)) starts.push(world.monotonic());
        },
        faults: [
          {
            endpoint: 'start',
            nth: 1,
            kind: 'status',
            status: 429,
            ...(retryAfter === undefined ? {} : { retryAfter }),
          },
        ],
      }),
    );
    const clips = await clipsOf(world, 1);
    const outcomes = await world.run(clips);
    expect(statuses(outcomes)).toEqual(['done']);
    await expectFaithful(world, clips, [outcomes]);
    const [first = 0, second = 0] = starts;
    expect(second - first).toBeGreaterThanOrEqual(seconds * 1_000);
    // And not by orders of magnitude later: what is no span is not waited for.
    expect(second - first).toBeLessThan(seconds * 1_000 * 1.5 + 5_000);
    expect(chargeCount(world.sandbox)).toBe(1);
  },
);
