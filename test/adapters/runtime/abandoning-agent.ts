// An Agent that starts a Runtime and then waits to be killed: run as a process of its own by a test.
// Arguments: directory, marker, then the command.
import { pino } from 'pino';
import { commandTemplate } from '../../../src/adapters/runtime/command-template.js';
import { createProcessDriver } from '../../../src/adapters/runtime/process-driver.js';
import { spec } from './specs.js';

const [directory = '', marker = '', ...command] = process.argv.slice(2);
const driver = createProcessDriver({
  command: commandTemplate(command),
  directory,
  environment: { TEST_MARKER: marker },
  settleMs: 30,
  logger: pino({ level: 'silent' }),
});
await driver.start(spec(), { exited: () => {}, noticed: () => {} }, new AbortController().signal);
process.stdout.write('started\n');
setInterval(() => {}, 60_000);
