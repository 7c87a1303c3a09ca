import { defineConfig } from 'vitest/config';

/** `npm run test:heavy`: floors, proofs, long waits and media of every kind; the build server runs them too. */
export const HEAVY = [
  'test/api/slowLine.test.ts',
  'test/matting/quality.test.ts',
  'test/matting/inputs.test.ts',
  'test/matting/shots.test.ts',
  'test/ledger/budgetSimulation.test.ts',
  'test/prove/*.test.ts',
];

export default defineConfig({
  test: {
    include: HEAVY,
    globalSetup: ['test/buildOnce.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
