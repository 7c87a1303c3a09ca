import { expect, test } from 'vitest';

import { chargesPerJob, createWorld, statuses, type World } from './harness.ts';

async function listed(world: World): Promise<number> {
  const answer = await fetch(`${world.sandbox.url}/v1/jobs?limit=100`, {
    headers: { 'x-api-key': 'test-key-0123456789' },
  });
  return ((await answer.json()) as { items: unknown[] }).items.length;
}

test('a create whose answer was lost is looked for before it is repeated: no orphan is left', async () => {
  const world = await createWorld({
    faults: [{ endpoint: 'create', every: 2, kind: 'drop_after' }],
  });
  const clips = await Promise.all(['a', 'b', 'c'].map((name) => world.clip(`${name}.mp4`)));
  expect(statuses(await world.run(clips, { concurrency: 1 }))).toEqual(['done', 'done', 'done']);
  expect(await listed(world)).toBe(3);
});

test('one that never arrived, or that the list does not show, is repeated', async () => {
  for (const behaviour of [{}, { echoMetadata: false }, { listOrder: 'oldest_first' as const }]) {
    const world = await createWorld({
      behaviour,
      faults: [{ endpoint: 'create', nth: 2, kind: 'drop_before' }],
    });
    const clips = await Promise.all(['a', 'b'].map((name) => world.clip(`${name}.mp4`)));
    expect(statuses(await world.run(clips, { concurrency: 1 }))).toEqual(['done', 'done']);
    expect(chargesPerJob(world.sandbox)).toEqual([1, 1]);
  }
});

test('the very first create of an account is found by the list when its answer is lost', async () => {
  const world = await createWorld({ faults: [{ endpoint: 'create', nth: 1, kind: 'drop_after' }] });
  expect(statuses(await world.run([await world.clip('a.mp4')]))).toEqual(['done']);
  expect([world.sandbox.requests().create, await listed(world)]).toEqual([1, 1]);
});

test('and where it was started at once, it is adopted as started and nothing else is sent', async () => {
  const world = await createWorld({
    behaviour: { draftFlag: 'ignored' },
    faults: [{ endpoint: 'create', nth: 1, kind: 'drop_after' }],
  });
  const clips = await Promise.all(['a', 'b'].map((name) => world.clip(`${name}.mp4`)));
  const outcomes = await world.run(clips, { concurrency: 1 });
  expect([...statuses(outcomes)].sort()).toEqual(['done', 'pending broken_contract']);
  expect(chargesPerJob(world.sandbox)).toEqual([1]);
});

test('a list that comes late is looked at again by the next run, before it creates', async () => {
  const world = await createWorld({
    behaviour: { draftFlag: 'ignored' },
    faults: [
      { endpoint: 'create', nth: 1, kind: 'drop_after' },
      { endpoint: 'list', nth: 2, kind: 'status', status: 400 },
    ],
  });
  const clip = await world.clip('a.mp4');
  expect(statuses(await world.run([clip]))).toEqual(['pending unavailable']);
  expect(statuses(await world.run([clip]))).toEqual(['done']);
  expect(chargesPerJob(world.sandbox)).toEqual([1]);
});
