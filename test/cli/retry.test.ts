// `retry` against a control socket: what it orders, and what it says to a person and to a program.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandIo } from '../../src/cli/output.js';
import { retryCommand } from '../../src/cli/retry.js';
import { type ControlServer, startControlServer } from '../../src/console/control-server.js';
import { controlSocketOf } from '../../src/console/control-socket.js';
import type { NodeView } from '../../src/console/node-view.js';
import { noSteering } from './no-steering.js';

let dataDir: string;
let server: ControlServer | undefined;
let orders: number;
let state: string;

const view: NodeView = {
  status: () => {
    throw new Error('not asked for');
  },
  jobs: () => [],
  onChange: () => () => undefined,
};

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'retry-'));
  orders = 0;
  server = await startControlServer(controlSocketOf(dataDir), view, {
    ...noSteering,
    retryRuntime: () => {
      orders++;
      return { retried: state !== 'warming', state };
    },
  });
});
afterEach(async () => {
  await server?.close();
  rmSync(dataDir, { recursive: true });
});

const run = async (...words: string[]): Promise<string> => {
  let text = '';
  const io: CommandIo = {
    stdout: {
      write: (part: string) => {
        text += part;
      },
    },
    stderr: { write: () => undefined },
    env: { RESULTITY_DATA_DIR: dataDir },
    isTTY: false,
    signal: new AbortController().signal,
  };
  await retryCommand(io).parseAsync(words, { from: 'user' });
  return text;
};

test.each([
  ['quarantined', /^The Runtime is started again;/],
  ['backingOff', /^The Runtime is started again;/],
  ['ready', /^The new Runtime is prepared again while the old one serves;/],
])('what was %s is said to be tried again', async (before, words) => {
  state = before;
  expect(await run()).toMatch(words);
});

test('a Runtime that was given up on is started again', async () => {
  state = 'quarantined';
  expect(await run()).toMatch(/is started again/);
  expect(JSON.parse(await run('--json'))).toMatchObject({ retried: true, state: 'quarantined' });
  expect(orders).toBe(2);
});

test('one in any other state is named, and nothing is claimed to have happened', async () => {
  state = 'warming';
  expect(await run()).toMatch(/Nothing to retry: the Runtime is warming/);
  expect(JSON.parse(await run('--json'))).toMatchObject({ retried: false, state: 'warming' });
});

test('without a daemon it says so and what to do', async () => {
  await server?.close();
  server = undefined;
  await expect(run()).rejects.toMatchObject({
    code: 'DAEMON_NOT_RUNNING',
    advice: expect.stringContaining('resultity-node start'),
  });
});
