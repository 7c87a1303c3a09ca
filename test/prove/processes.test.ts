import { expect, test } from 'vitest';

import { proveProcesses } from './processes.ts';

// The bounded share of `npm run prove:processes` that every build runs.
test('of two processes one works a clip and the other exits 7, even if the first is stopped; a killed one blocks nobody', async () => {
  const verdict = await proveProcesses({ seed: 1, rounds: 4 });
  expect(verdict).toMatchObject({ odd: 0, sideBySide: 1, keptWhileStopped: 1, takenOver: 1 });
  expect(verdict.refused + verdict.tooLate).toBe(4);
  expect(verdict).toMatchObject({ doubleCharges: 0, lost: 0, corrupt: 0 });
});
