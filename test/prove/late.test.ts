import { expect, test } from 'vitest';

import { proveLate } from './late.ts';

// The bounded share of `npm run prove:late` that every build runs.
test('starts that the server carries out after the connection has ended are paid once, thanks to the quiet time', async () => {
  const order = { seed: 2, clips: 24 };
  const [quiet, control] = await Promise.all([
    proveLate({ ...order, quietMs: 90_000 }),
    proveLate({ ...order, quietMs: 0 }),
  ]);
  expect(quiet).toMatchObject({ charges: 24, doubleCharges: 0, lost: 0, corrupt: 0 });
  expect(control.doubleCharges).toBeGreaterThan(0);
});
