import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { keyFingerprint } from '../../src/core/jobKey.ts';
import { chargesPerJob, createWorld, KEY, statuses, type World } from './harness.ts';

const NEW_KEY = 'new-key-0123456789';
const ADMIN = 'admin-token';

/** Opens or closes the service to a key, as its owner does in the dashboard. */
async function switchKey(world: World, apiKey: string, door: 'enable' | 'disable'): Promise<void> {
  const answer = await fetch(`${world.sandbox.url}/v1/admin/keys/${door}`, {
    method: 'POST',
    headers: { 'x-admin-token': ADMIN, 'content-type': 'application/json' },
    body: JSON.stringify({ key_fingerprint: keyFingerprint(apiKey) }),
  });
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}`);
}

/** A service whose first key is disabled while its first job is at work. */
async function createRotatingWorld(): Promise<World> {
  let jobs = 0;
  const world: World = await createWorld({
    keys: [KEY, NEW_KEY],
    adminToken: ADMIN,
    async work({ outputPath, jobId }) {
      jobs += 1;
      if (jobs === 1) await switchKey(world, KEY, 'disable');
      await writeFile(outputPath, `output of ${jobId}`);
      return { ok: true, durationSeconds: 2 };
    },
  });
  return world;
}

test('a key that is replaced while a run lasts is taken up, and old jobs wait for the old one', async () => {
  const world = await createRotatingWorld();
  const clips = await Promise.all(['a', 'b', 'c'].map((name) => world.clip(`${name}.mp4`)));
  const rotated = await world.run(clips, { concurrency: 1, rereadKey: NEW_KEY });
  // Whichever clip was started first has its job with the old key.
  expect(statuses(rotated).toSorted()).toEqual(['done', 'done', 'pending invisible']);
  const first = rotated.find(({ status }) => status === 'pending');
  expect(first?.status === 'pending' && [first.paid, first.reason]).toEqual([
    true,
    expect.stringContaining(keyFingerprint(KEY)),
  ]);
  // Its job is asked about with its own key again, beside the new one.
  await switchKey(world, KEY, 'enable');
  const later = await world.run(clips, { apiKey: NEW_KEY, previousKeys: [KEY] });
  expect(statuses(later)).toEqual(['done', 'done', 'done']);
  expect(chargesPerJob(world.sandbox)).toEqual([1, 1, 1]);
});

test('a key that is refused and not replaced ends the run, fails no clip and loses no output', async () => {
  const world = await createRotatingWorld();
  const clips = await Promise.all(['a', 'b'].map((name) => world.clip(`${name}.mp4`)));
  const refused = await world.run(clips, { concurrency: 1 });
  expect(statuses(refused)).toEqual(['pending auth', 'pending auth']);
  await switchKey(world, KEY, 'enable');
  expect(statuses(await world.run(clips))).toEqual(['done', 'done']);
  expect(chargesPerJob(world.sandbox)).toEqual([1, 1]);
});

test('jobs of a key that is not at hand end the run as well when the one at hand is refused', async () => {
  const world = await createRotatingWorld();
  const clip = await world.clip('a.mp4');
  expect(statuses(await world.run([clip]))).toEqual(['pending auth']);
  const other = await world.run([clip], { apiKey: 'mistyped-key' });
  expect(statuses(other)).toEqual(['pending auth']);
  expect(chargesPerJob(world.sandbox)).toEqual([1]);
});

test('a new key that is refused as well changes nothing', async () => {
  const world = await createRotatingWorld();
  const clip = await world.clip('a.mp4');
  const outcomes = await world.run([clip], { rereadKey: 'mistyped-key' });
  expect(statuses(outcomes)).toEqual(['pending auth']);
});

test('a finished job is fetched by the door that needs no key', async () => {
  const world = await createWorld({ keys: [KEY, NEW_KEY], adminToken: ADMIN });
  const clip = await world.clip('a.mp4');
  const stopped = new AbortController();
  await world.run([clip], {
    signal: stopped.signal,
    onEvent: (event) => {
      if (event.type === 'clip_state' && event.state === 'processed') stopped.abort(new Error('x'));
    },
  });
  await switchKey(world, KEY, 'disable');
  expect(statuses(await world.run([clip]))).toEqual(['done']);
});

test('a draft of an older key that is gone is made anew with the key of today', async () => {
  const world = await createWorld({ keys: [KEY, NEW_KEY] });
  const clip = await world.clip('a.mp4');
  expect(statuses(await world.run([clip], { freeBytes: 1 }))).toEqual(['pending disk']);
  expect(statuses(await world.run([clip], { apiKey: NEW_KEY }))).toEqual(['done']);
  expect(chargesPerJob(world.sandbox)).toEqual([1]);
});
