import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // onnxruntime-node blocks its thread and may not be loaded in two worker threads of one process.
    pool: 'forks',
    testTimeout: 60_000,
  },
});
