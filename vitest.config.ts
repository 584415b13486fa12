import { defineConfig } from 'vitest/config';

// Three projects, one command: `npm test` runs them all and stays under two minutes.
// `e2e` builds the binary first, for it starts real processes.
export default defineConfig({
  test: {
    // Two cores: one worker less than vitest's own guess would leave one idle.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/model/**', 'test/e2e/**'],
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
    ],
  },
});
