// `npm run vectors` writes the protocol's test vectors; with `--check` it only says which are stale.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runGenerator } from '../generated/generated-files.js';
import { vectorFolder } from './artefacts.js';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    out: { type: 'string', default: resolve(import.meta.dirname, '../../test/vectors') },
  },
});

await runGenerator(
  vectorFolder(values.out),
  values.check,
  'The vectors no longer say what the protocol does. If the change is meant, run: npm run vectors',
);
