// The test's processes of node and network as one file each: a thousand of them are started, and from sources a start
// takes seconds.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const NAMES = ['node', 'network', 'key'] as const;
/** They find their own native files beside them. */
const NATIVE = ['lmdb', 'tiny-secp256k1', 'fs-native-extensions'];

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
  let directory = '';
  beforeAll(async () => {
    const cache = join(ROOT, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    directory = mkdtempSync(join(cache, 'lives-')); // inside: from here the native packages are found
    await build({
      entryPoints: NAMES.map((name) => join(import.meta.dirname, `lives/${name}.ts`)),
      outdir: directory,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true, // what is loaded late stays late
      platform: 'node',
      format: 'esm',
      target: 'node20',
      minify: true,
      external: [...NATIVE, 'systeminformation', 'dockerode'],
      logLevel: 'warning',
      // Files are found from the sources: the version is in a package.json above them.
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(ROOT, 'src/version.ts')).href) },
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(pathToFileURL(`${directory}/`).href)});`,
      },
    });
    const [node, network, key] = NAMES.map((name) => join(directory, `${name}.mjs`)) as [
      string,
      string,
      string,
    ];
    lives = { node, network, key };
  }, BUNDLED_WITHIN_MS);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return () => {
    if (lives === undefined) throw new Error('the lives are bundled before the tests begin');
    return lives;
  };
};
