// The test's processes of node, network and key, each as one file.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { bundlePrograms } from '../programs/bundle-programs.js';

const LIVES = join(import.meta.dirname, 'lives');

/** Seconds, on a machine that does nothing else. */
const BUNDLED_WITHIN_MS = 120_000;

export interface Lives {
  readonly node: string;
  readonly network: string;
  readonly key: string;
}

/** Bundles before the tests of a file. @returns where they are, once the tests run */
export const bundledLives = (): (() => Lives) => {
  let lives: Lives | undefined;
  let made = '';
  beforeAll(async () => {
    const { directory, programs } = await bundlePrograms(
      ['node.ts', 'network.ts', 'key.ts'].map((name) => join(LIVES, name)),
      { systeminformation: join(LIVES, 'known-host.ts') },
    );
    made = directory;
    const [node = '', network = '', key = ''] = programs;
    lives = { node, network, key };
  }, BUNDLED_WITHIN_MS);
  afterAll(() => rmSync(made, { recursive: true, force: true }));
  return () => {
    if (lives === undefined) throw new Error('the lives are bundled before the tests begin');
    return lives;
  };
};
