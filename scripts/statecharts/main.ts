// `npm run statecharts` writes the pictures of all machines; with `--check` it only says which are stale.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { StateMachine } from 'xstate';
import { z } from 'zod';
import { runGenerator } from '../generated/generated-files.js';
import { buildArtefacts, isChartFile } from './artefacts.js';

const catalogSchema = z.object({
  machines: z.record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'a machine name is a file name: letters, digits and dashes'),
    z.instanceof(StateMachine, { message: 'not a state machine' }),
  ),
});

const repository = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    catalog: { type: 'string', default: resolve(repository, 'src/machines/catalog.ts') },
    out: { type: 'string', default: resolve(repository, 'statecharts') },
  },
});

const parsed = catalogSchema.safeParse(await import(pathToFileURL(resolve(values.catalog)).href));
if (!parsed.success) {
  console.error(`${values.catalog} is not a catalogue of machines:\n${z.prettifyError(parsed.error)}`);
  process.exit(1);
}
const files = await buildArtefacts(parsed.data.machines);
await runGenerator(
  { name: 'statecharts', folder: values.out, files, owns: isChartFile },
  values.check,
  'The charts no longer show the machines. Run: npm run statecharts',
);
