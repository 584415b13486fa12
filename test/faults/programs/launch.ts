// Runs a bundled program, with the code V8 has compiled for it before: of a life that ends early, compiling is the larger
// part. The first one to get far enough keeps what it has.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';

/** Path of the bundle; put in by the bundler. */
declare const BUNDLE: string;

const CODE = `${BUNDLE}.code`;

const kept = (): Buffer | undefined => {
  try {
    return readFileSync(CODE);
  } catch {
    return undefined; // nobody has got far enough yet
  }
};

const cachedData = kept();
const script = new Script(`(function (require) {${readFileSync(BUNDLE, 'utf8')}\n})`, {
  filename: BUNDLE,
  ...(cachedData === undefined ? {} : { cachedData }),
});

let isKept = cachedData !== undefined;
const keep = (): void => {
  if (isKept) return;
  isKept = true;
  writeFileSync(`${CODE}.${process.pid}`, script.createCachedData());
  renameSync(`${CODE}.${process.pid}`, CODE); // others start at the same time
};
globalThis.keepCompiledCode = keep;
process.once('exit', keep);

const run = script.runInThisContext() as (require: NodeJS.Require) => void;
run(createRequire(BUNDLE));
