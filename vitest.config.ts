import { defineConfig } from 'vitest/config';

// `npm test` runs unit, model and e2e, and stays under two minutes; `npm run test:system` runs the longer walks through
// the whole system. Both of the latter build the binary first, for they start real processes.
export default defineConfig({
  test: {
    // Two cores: one worker less than vitest's own guess would leave one idle.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/model/**', 'test/e2e/**', 'test/system/**'],
          testTimeout: 15_000,
        },
      },
      { test: { name: 'model', include: ['test/model/**/*.test.ts'], testTimeout: 30_000 } },
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
