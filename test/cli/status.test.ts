// `status` against a control socket: what the owner must know of this node is in words, not only in the JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandIo } from '../../src/cli/output.js';
import { statusCommand } from '../../src/cli/status.js';
import { type ControlServer, startControlServer } from '../../src/console/control-server.js';
import { controlSocketOf } from '../../src/console/control-socket.js';
import type { NodeStatus } from '../../src/console/node-view.js';
import { RUNNING } from '../doctor/subject.js';
import { noSteering } from './no-steering.js';

let dataDir: string;
let server: ControlServer;
let status: NodeStatus;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'status-'));
  status = RUNNING;
  const view = { status: () => status, jobs: () => [], onChange: () => () => undefined };
  server = await startControlServer(controlSocketOf(dataDir), view, noSteering);
});
afterEach(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true });
});

const run = async (): Promise<string> => {
  let text = '';
  const io: CommandIo = {
    stdout: { write: (part: string) => (text += part) },
    stderr: { write: () => undefined },
    env: { RESULTITY_DATA_DIR: dataDir },
    isTTY: false,
    signal: new AbortController().signal,
  };
  await statusCommand(io).parseAsync([], { from: 'user' });
  return text;
};

test('says nothing of damage where there was none', async () => {
  expect(await run()).not.toContain('damaged');
});

test('names what was damaged, what became of it, and where the damaged file is kept', async () => {
  const kept = ['floor.json.corrupt-01J'];
  status = {
    ...RUNNING,
    repairs: [
      { what: 'devnet/floor', how: 'rebuilt', kept, times: 1, atMs: 1 },
      { what: 'devnet/jobs', how: 'set_aside', kept: [], times: 2, atMs: 2 },
    ],
  };
  const text = await run();
  expect(text).toMatch(
    /^Was damaged +devnet\/floor: made anew from what the network has signed, kept as floor\.json\.corrupt-01J; devnet\/jobs: damaged entries are set aside$/m,
  );
  expect(text).toMatch(/^Then do +Check the disk/m);
});

test('says why a report is not delivered', async () => {
  const failure = { code: 'NETWORK_UNREACHABLE', message: 'no route', retryable: true };
  status = { ...RUNNING, reports: { waiting: 3, delivered: 1, failure } };
  expect(await run()).toMatch(/^Reports +1 delivered, 3 waiting; no route \[NETWORK_UNREACHABLE\]$/m);
});
