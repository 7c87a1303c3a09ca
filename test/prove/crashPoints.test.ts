import { expect, test } from 'vitest';

import { proveCrashPoints } from './crashPoints.ts';

// A share of `npm run prove:crashpoints` that every build runs.
test("killed before any deed of a clip's way, once or twice, it goes on, pays once and leaves nothing behind", async () => {
  const verdict = await proveCrashPoints({ seed: 4, most: 6 });
  expect(verdict).toMatchObject({ charges: 13, doubleCharges: 0, lost: 0, corrupt: 0 });
  expect(verdict.postsAfterwards).toBe(0);
  expect(verdict.pairs).toBeGreaterThan(0);
  expect(verdict.points).toBeGreaterThan(25);
});
