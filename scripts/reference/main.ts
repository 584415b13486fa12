// `npm run reference` writes the references of commands, checks, settings and metrics; with `--check` it only says which are
// stale.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { BY_ERROR_CODE, EXIT, EXIT_MEANING } from '../../src/cli/exit-codes.js';
import { createProgram } from '../../src/cli/program.js';
import { describeConfigKeys } from '../../src/config.js';
import { createRegistry } from '../../src/console/metrics/metrics.js';
import { ALL_CHECKS } from '../../src/doctor/all-checks.js';
import { runGenerator } from '../generated/generated-files.js';
import { cliReference } from './cli-reference.js';
import { doctorReference } from './doctor-reference.js';
import { exitCodeReference } from './exit-code-reference.js';
import { metricsReference } from './metrics-reference.js';
import { settingsReference } from './settings-reference.js';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const silent = { write: () => true };
const program = createProgram(
  { stdout: silent, stderr: silent, env: {}, isTTY: false, signal: new AbortController().signal },
  process,
);

const { registry } = createRegistry(() => {
  throw new Error('to describe the metrics none is collected');
});
const alertRules: unknown = parse(
  await readFile(resolve(import.meta.dirname, '../../deploy/observability/prometheus/alerts.yaml'), 'utf8'),
);

await runGenerator(
  {
    name: 'docs',
    folder: resolve(import.meta.dirname, '../../docs'),
    files: new Map([
      ['commands.md', cliReference(program)],
      ['exit-codes.md', exitCodeReference(EXIT, EXIT_MEANING, BY_ERROR_CODE)],
      ['doctor.md', doctorReference(ALL_CHECKS)],
      ['metrics.md', metricsReference(registry.getMetricsAsArray(), alertRules)],
      ['settings.md', settingsReference(describeConfigKeys())],
    ]),
    owns: () => false,
  },
  values.check,
  'The references no longer say what the program does. Run: npm run reference',
);
