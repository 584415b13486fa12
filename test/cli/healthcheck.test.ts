// `healthcheck` against a control socket: what counts as well, and what it says.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { healthcheckCommand } from '../../src/cli/healthcheck.js';
import type { CommandIo } from '../../src/cli/output.js';
import { runCommand } from '../../src/cli/run-command.js';
import { type ControlServer, startControlServer } from '../../src/console/control-server.js';
import { controlSocketOf } from '../../src/console/control-socket.js';
import type { NodeStatus } from '../../src/console/node-view.js';
import { noSteering } from './no-steering.js';

let dataDir: string;
let server: ControlServer | undefined;
let status: NodeStatus;

const connected: NodeStatus = {
  stage: 'connected',
  idleReason: null,
  nodeId: '0x01',
  agentVersion: '0.1.0',
  pid: 1,
  startedMs: 0,
  network: {
    name: 'devnet',
    url: 'http://127.0.0.1:1',
    connected: true,
    lastAckMs: null,
    standing: null,
    account: null,
  },
  config: null,
  lastSync: null,
  runtime: {
    state: 'ready',
    driver: 'process',
    engine: 'simulator',
    version: null,
    restarts: 0,
    failure: null,
  },
  models: [],
  jobs: { running: 0, queued: 0, slots: 1, outbox: 0, credits: 1 },
  reports: { waiting: 0, delivered: 0 },
  failure: null,
};

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'health-'));
  status = connected;
  const view = { status: () => status, jobs: () => [], onChange: () => () => undefined };
  server = await startControlServer(controlSocketOf(dataDir), view, noSteering);
});
afterEach(async () => {
  await server?.close();
  rmSync(dataDir, { recursive: true });
});

const check = async (
  words: readonly string[] = [],
  env: Record<string, string> = { RESULTITY_DATA_DIR: dataDir },
) => {
  const said: string[] = [];
  const sink = { write: (text: string) => said.push(text) };
  const io: CommandIo = {
    stdout: sink,
    stderr: sink,
    env,
    isTTY: false,
    signal: new AbortController().signal,
  };
  const code = await runCommand(healthcheckCommand(io), words, io);
  return { code, said: said.join('') };
};

test('a node that goes on by itself is well, even without a network', async () => {
  expect(await check()).toEqual({ code: 0, said: 'healthy: connected, Runtime ready\n' });
  status = {
    ...connected,
    stage: 'registered',
    runtime: { ...connected.runtime, state: 'backingOff' },
    failure: { code: 'X', message: 'no session', retryable: true },
  };
  expect(await check()).toEqual({ code: 0, said: 'healthy: registered, Runtime backingOff\n' });
});

test('a halted node is not well, and says why in one line', async () => {
  status = {
    ...connected,
    stage: 'halted',
    failure: { code: 'KEY', message: 'the key cannot be read', retryable: false },
  };
  expect(await check()).toEqual({
    code: 1,
    said: 'error: halted: the key cannot be read [UNHEALTHY]\n',
  });
});

test('a node that does not answer is not well', async () => {
  await server?.close();
  server = undefined;
  expect(await check()).toEqual({
    code: 1,
    said: `error: no node is running on ${dataDir} [UNHEALTHY]\n`,
  });
});

test('settings that are wrong end with 1 as well: Docker knows no other failure', async () => {
  const { code } = await check([], { RESULTITY_DATA_DIR: dataDir, RESULTITY_LOG_LEVEL: 'loud' });
  expect(code).toBe(1);
});

test('tells programs the same as JSON', async () => {
  const { code, said } = await check(['--json']);
  expect([code, JSON.parse(said)]).toEqual([
    0,
    { schemaVersion: 1, healthy: true, stage: 'connected', runtime: 'ready' },
  ]);
});
