import { defineConfig } from 'vitest/config';

// `npm test` runs unit, model and e2e, and stays under two minutes; `npm run test:system` runs the longer walks through
// the whole system. `npm run test:docker` starts a Docker Engine of its own, `npm run test:vllm` a real vLLM in it. All but
// the first two build the binary first, for they start real processes.
/** What meets a real engine on a machine that others use as well is tried once more by the gate, and test/reporters says why. */
const AGAIN = process.env.CI === 'true' ? 1 : 0;

export default defineConfig({
  test: {
    // Two cores: one worker less than vitest's own guess would leave one idle.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          // Modules are loaded once per worker, not once per file: no test may change what a module holds.
          isolate: false,
          unstubEnvs: true,
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/model/**',
            'test/e2e/**',
            'test/system/**',
            'test/docker/**',
            'test/vllm/**',
            'test/faults/**',
            'test/web/**',
          ],
          testTimeout: 15_000,
        },
      },
      { test: { name: 'model', isolate: false, include: ['test/model/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/build-binary.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'docker',
          include: ['test/docker/**/*.test.ts'],
          globalSetup: ['test/e2e/build-binary.ts', 'test/docker/engine/provide-engine.ts'],
          // One engine for all of them: containers are named after their node, so files do not meet.
          retry: AGAIN,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'vllm',
          include: ['test/vllm/**/*.test.ts'],
          globalSetup: ['test/e2e/build-binary.ts', 'test/docker/engine/provide-engine.ts'],
          // A real engine takes most of the memory: one file after another.
          retry: AGAIN,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'web',
          retry: AGAIN,
          include: ['test/web/**/*.test.ts'],
          globalSetup: ['test/e2e/build-binary.ts'],
          // Each file has a browser, a network and a node of its own.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/e2e/build-binary.ts', 'test/faults/report.ts'],
          // Of the tests of a file that say they may: their processes have work for both cores.
          maxConcurrency: 2,
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          globalSetup: ['test/e2e/build-binary.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
