// Makes one file of each of the tests' programs: thousands of them are started, and from sources a start takes seconds.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../../..');
/** Inside the package: from here the native packages are found. */
const CACHE = join(ROOT, 'node_modules/.cache/resultity-faults');
/** They find their own native files beside them. */
const NATIVE = ['lmdb', 'tiny-secp256k1', 'fs-native-extensions'];
/** Large, and loaded late if at all. */
const LATE = ['systeminformation', 'dockerode'];

const SAME = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
} as const;

/**
 * @param entries sources of the programs, each with another name
 * @param instead sources that stand for a package, by its name
 * @returns what to start, in their order, and the directory that holds it
 */
export const bundlePrograms = async (
  entries: readonly string[],
  instead: Record<string, string> = {},
): Promise<{ readonly directory: string; readonly programs: readonly string[] }> => {
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, 'programs-'));
  const programs = entries.map(async (entry) => {
    const name = basename(entry, '.ts');
    const bundle = join(directory, `${name}.bundle.cjs`);
    await build({
      ...SAME,
      entryPoints: [entry],
      outfile: bundle,
      minify: true,
      keepNames: true, // errors are told apart by them
      external: [...NATIVE, ...LATE.filter((name) => instead[name] === undefined)],
      alias: instead,
      // Files are found from the sources: the version is in a package.json above them.
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(ROOT, 'src/version.ts')).href) },
      supported: { 'dynamic-import': false }, // a script has none; what is loaded late stays late
    });
    const program = join(directory, `${name}.cjs`);
    await build({
      ...SAME,
      entryPoints: [join(import.meta.dirname, 'launch.ts')],
      outfile: program,
      define: { BUNDLE: JSON.stringify(bundle) },
    });
    return program;
  });
  return { directory, programs: await Promise.all(programs) };
};
