import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/onnx/*.onnx-test.ts'],
    globalSetup: ['test/buildOnce.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
