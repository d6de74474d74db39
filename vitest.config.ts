import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // onnxruntime-node blocks its thread and may not be loaded in two worker threads of one process.
    pool: 'forks',
    // Left to itself it would leave a core out, which of two is half: many tests wait, for time or for other processes.
    maxWorkers: '100%',
    testTimeout: 60_000,
  },
});
