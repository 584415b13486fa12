// `console` against a control socket: the link it prints opens the page, and what it says where there is none.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consoleCommand } from '../../src/cli/console.js';
import type { CommandIo } from '../../src/cli/output.js';
import { runCommand } from '../../src/cli/run-command.js';
import { type ControlServer, startControlServer } from '../../src/console/control-server.js';
import { controlSocketOf } from '../../src/console/control-socket.js';
import type { ConsolePlace } from '../../src/console/node-view.js';
import { loadOrCreatePageToken } from '../../src/pages/page-token.js';
import { RUNNING } from '../doctor/subject.js';
import { noSteering } from './no-steering.js';

let dataDir: string;
let server: ControlServer;
let place: ConsolePlace;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'console-'));
  place = { url: 'http://127.0.0.1:7540', failure: null };
  const view = { status: () => RUNNING, jobs: () => [], onChange: () => () => undefined };
  server = await startControlServer(controlSocketOf(dataDir), view, noSteering, async () => place);
});
afterEach(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true });
});

const run = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  const said = { stdout: '', stderr: '' };
  const io: CommandIo = {
    stdout: { write: (part: string) => (said.stdout += part) },
    stderr: { write: (part: string) => (said.stderr += part) },
    env: { RESULTITY_DATA_DIR: dataDir },
    isTTY: false,
    signal: new AbortController().signal,
  };
  return { code: await runCommand(consoleCommand(io), args, io), ...said };
};

test('prints the link with the token of the data directory', async () => {
  const file = join(dataDir, 'console.token');
  const token = await loadOrCreatePageToken(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await run()).toEqual({ code: 0, stdout: `http://127.0.0.1:7540/#token=${token}\n`, stderr: '' });
  const { stdout } = await run('--json');
  expect(JSON.parse(stdout)).toMatchObject({ url: `http://127.0.0.1:7540/#token=${token}` });
});

test('says why there is no console, and what to do', async () => {
  const advice = 'Choose another with --console-port.';
  place = {
    url: null,
    failure: { code: 'CONSOLE_LISTEN', message: 'port 7540 is taken', retryable: false, advice },
  };
  const { code, stdout, stderr } = await run();
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('port 7540 is taken [NO_CONSOLE]');
  expect(stderr).toContain(advice);
});

test('says that the node was started without one', async () => {
  place = { url: null, failure: null };
  expect((await run()).stderr).toContain('--no-console');
});
