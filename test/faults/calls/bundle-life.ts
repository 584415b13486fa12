// Makes one file of a life: it starts in a fifth of the time, and these lives are lived hundreds of times.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

/** Inside the package, where the native modules are found. */
const CACHE = join(import.meta.dirname, '../../../node_modules/.cache/resultity-faults');

/** @returns the file, which goes with the test */
export const bundleLife = async (entry: string): Promise<string> => {
  const outfile = join(CACHE, `${process.pid}-${Math.random().toString(36).slice(2)}.mjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['lmdb', 'fs-native-extensions', 'tiny-secp256k1'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  onTestFinished(() => rmSync(outfile, { force: true }));
  return outfile;
};
