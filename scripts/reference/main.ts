// `npm run reference` writes the references of commands, checks and settings; with `--check` it only says which are stale.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BY_ERROR_CODE, EXIT, EXIT_MEANING } from '../../src/cli/exit-codes.js';
import { createProgram } from '../../src/cli/program.js';
import { describeConfigKeys } from '../../src/config.js';
import { ALL_CHECKS } from '../../src/doctor/all-checks.js';
import { runGenerator } from '../generated/generated-files.js';
import { cliReference } from './cli-reference.js';
import { doctorReference } from './doctor-reference.js';
import { exitCodeReference } from './exit-code-reference.js';
import { settingsReference } from './settings-reference.js';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const silent = { write: () => true };
const program = createProgram(
  { stdout: silent, stderr: silent, env: {}, isTTY: false, signal: new AbortController().signal },
  process,
);

await runGenerator(
  {
    name: 'docs',
    folder: resolve(import.meta.dirname, '../../docs'),
    files: new Map([
      ['commands.md', cliReference(program)],
      ['exit-codes.md', exitCodeReference(EXIT, EXIT_MEANING, BY_ERROR_CODE)],
      ['doctor.md', doctorReference(ALL_CHECKS)],
      ['settings.md', settingsReference(describeConfigKeys())],
    ]),
    owns: () => false,
  },
  values.check,
  'The references no longer say what the program does. Run: npm run reference',
);
