import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { chargesPerJob, createWorld, statuses, type World } from './harness.ts';

/** So many clips, each with content of its own. */
async function clips(world: World, count: number) {
  return Promise.all(Array.from({ length: count }, (_, n) => world.clip(`${String(n)}.mp4`)));
}

/** Work that counts how many jobs the server has at once, and waits until it is let go. */
function heldWork(until: (atWork: number, seen: number) => boolean) {
  let atWork = 0;
  let seen = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  return {
    most: () => most,
    work: async ({ outputPath }: { readonly outputPath: string }) => {
      atWork += 1;
      seen += 1;
      most = Math.max(most, atWork);
      if (until(atWork, seen)) for (const go of waiting.splice(0)) go();
      else await new Promise<void>((resolve) => waiting.push(resolve));
      atWork -= 1;
      await writeFile(outputPath, 'done');
      return { ok: true as const, durationSeconds: 2 };
    },
  };
}

describe('a batch', () => {
  test('uploads and drafts the next clips while the first jobs are at work', async () => {
    let drafts = 0;
    const world = await createWorld({
      workers: 8,
      async work({ outputPath }) {
        // The first job only ends when another clip has become a draft behind it.
        await expect
          .poll(() => world.sandbox.requests().create, { interval: 5 })
          .toBeGreaterThan(2);
        drafts = Math.max(drafts, world.sandbox.requests().create);
        await writeFile(outputPath, 'done');
        return { ok: true, durationSeconds: 2 };
      },
    });
    const outcomes = await world.run(await clips(world, 6), { concurrency: 1 });
    expect(statuses(outcomes)).toEqual(Array(6).fill('done'));
    expect(drafts).toBeGreaterThan(2);
  });

  test('never has more jobs at work on the server than it was told', async () => {
    const held = heldWork((_atWork, seen) => seen % 2 === 0);
    const world = await createWorld({ workers: 32, work: held.work });
    const outcomes = await world.run(await clips(world, 10), { concurrency: 2 });
    expect(statuses(outcomes)).toEqual(Array(10).fill('done'));
    expect(held.most()).toBe(2);
  });

  test.each([403, 409, 429])(
    'makes do with the places that the server has, when it answers %i to one job too many',
    async (status) => {
      const world = await createWorld({
        workers: 32,
        behaviour: { maxJobsInFlight: 2, tooManyJobsStatus: status },
      });
      const outcomes = await world.run(await clips(world, 12), { concurrency: 8 });
      expect(statuses(outcomes)).toEqual(Array(12).fill('done'));
      expect(chargesPerJob(world.sandbox)).toEqual(Array(12).fill(1));
    },
  );
});
