import { expect, test } from 'vitest';

import { proveKills } from './kills.ts';

const weather = { clips: 40, kills: 6, faultShare: 0.2, seed: 11 } as const;

// The bounded share of `npm run prove:kills` that every build runs.
test('killed again and again in bad weather, each clip is charged once and comes out whole', async () => {
  const verdict = await proveKills({ client: 'rbgv', ...weather });
  expect(verdict).toMatchObject({ charges: 40, doubleCharges: 0, lost: 0, corrupt: 0 });
  expect(verdict.kills).toBeGreaterThan(0);
});

test('the same harness sees the double charges of a client that creates and starts in one step', async () => {
  const verdict = await proveKills({ client: 'one-step', ...weather });
  expect(verdict.doubleCharges).toBeGreaterThan(0);
});
