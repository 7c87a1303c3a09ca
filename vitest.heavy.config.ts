import { defineConfig } from 'vitest/config';

/** `npm run test:heavy`: floors and proofs that take their time; the build server runs them. */
export const HEAVY = [
  'test/api/slowLine.test.ts',
  'test/matting/quality.test.ts',
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
