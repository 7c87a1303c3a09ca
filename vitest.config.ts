import { configDefaults, defineConfig } from 'vitest/config';

import { HEAVY } from './vitest.heavy.config.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...HEAVY],
    // The black-box tests run the built program: build it once, before all of them.
    globalSetup: ['test/buildOnce.ts'],
    // Six on two processors: the tests of the built program wait for answers most of the time.
    maxWorkers: 6,
    // Files share what they import: loading it anew for each takes a fifth of the time.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
