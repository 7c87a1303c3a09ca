import { defineConfig } from 'vitest/config';

/** `npm run test:browser`: needs a Chromium, which `npm test` does not. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.browser.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
