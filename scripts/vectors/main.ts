// `tsx scripts/vectors/main.ts` writes the protocol's test vectors; with `--check` it only says which are stale.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compareVectorFiles, writeVectorFiles } from './artefacts.js';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    out: { type: 'string', default: resolve(import.meta.dirname, '../../test/vectors') },
  },
});

if (values.check) {
  const differences = await compareVectorFiles(values.out);
  for (const { file, why } of differences) console.error(`test/vectors/${file} is ${why}`);
  if (differences.length > 0) {
    console.error(
      'The vectors no longer say what the protocol does. If the change is meant, run: npx tsx scripts/vectors/main.ts',
    );
    process.exitCode = 1;
  }
} else {
  for (const { file, why } of await writeVectorFiles(values.out)) {
    console.log(why === 'left over' ? `removed ${file}` : `wrote ${file}`);
  }
}
