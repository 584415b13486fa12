// What every driver that starts engines keeps, run on the real one and on the one in memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandTemplate } from '../../../src/adapters/runtime/command-template.js';
import { createContainerDriver } from '../../../src/adapters/runtime/container-driver.js';
import { MemoryDriver } from '../../../src/adapters/runtime/memory-driver.js';
import { createProcessDriver } from '../../../src/adapters/runtime/process-driver.js';
import { processesWithVariable } from '../../../src/adapters/runtime/process-table.js';
import type { RuntimeDriver, RuntimeExit } from '../../../src/adapters/runtime/runtime-driver.js';
import { MemoryContainerEngine } from '../../../src/adapters/runtime-host/memory-container-engine.js';
import { MemoryRuntimeHost } from '../../../src/adapters/runtime-host/memory-runtime-host.js';
import { containerSpec } from '../runtime-host/container-specs.js';
import { recordingLogger, spec } from './specs.js';

interface Harness {
  readonly driver: RuntimeDriver;
  /** Makes the running Runtime end by itself with this code. */
  crash(code: number): void;
  isRunning(): boolean;
  cleanUp(): void;
}

const memoryHarness = (): Harness => {
  const driver = new MemoryDriver();
  return {
    driver,
    crash: (code) => driver.crash({ code }),
    isRunning: () => driver.isRunning,
    cleanUp: () => {},
  };
};

const processHarness = (): Harness => {
  const base = mkdtempSync(join(tmpdir(), 'contract-'));
  const marker = `${base}/marker`;
  const driver = createProcessDriver({
    // Ends with 1 or 0 on SIGUSR1 or SIGUSR2; the shell's wait is interrupted by a signal, its sleep is not.
    command: commandTemplate([
      '/bin/sh',
      '-c',
      "trap 'exit 1' USR1; trap 'exit 0' USR2; echo up {socket}; sleep 1000 & wait",
    ]),
    directory: join(base, 'runtime'),
    environment: { TEST_MARKER: marker },
    settleMs: 30,
    logger: recordingLogger().logger,
  });
  const alive = () => processesWithVariable('TEST_MARKER', marker);
  return {
    driver,
    crash: (code) => {
      const leader = alive().find(({ pid, group }) => pid === group);
      if (leader !== undefined) process.kill(leader.pid, code === 0 ? 'SIGUSR2' : 'SIGUSR1');
    },
    isRunning: () => alive().length > 0,
    cleanUp: () => rmSync(base, { recursive: true, force: true }),
  };
};

const containerHarness = (): Harness => {
  const base = mkdtempSync(join(tmpdir(), 'contract-'));
  const engine = new MemoryContainerEngine();
  engine.images.add(containerSpec().image);
  const driver = createContainerDriver({
    host: new MemoryRuntimeHost({ engine }),
    sockets: { kind: 'bind', base: join(base, 'runtime') },
    agentUid: process.getuid?.() ?? 0,
    containerOf: async ({ specHash }, { user }) => containerSpec({ specHash, user }),
    logger: recordingLogger().logger,
  });
  const alive = () => engine.containers.find(({ phase }) => phase === 'running');
  return {
    driver,
    crash: (code) => {
      const container = alive();
      if (container !== undefined) engine.exit(container, code);
    },
    isRunning: () => alive() !== undefined,
    cleanUp: () => rmSync(base, { recursive: true, force: true }),
  };
};

const never = new AbortController().signal;

describe.each([
  ['memory', memoryHarness],
  ['process', processHarness],
  ['container', containerHarness],
])('the %s driver', (_, createHarness) => {
  let harness: Harness;
  let exits: RuntimeExit[];
  const handlers = { exited: (exit: RuntimeExit) => void exits.push(exit), noticed: () => {} };

  beforeEach(() => {
    harness = createHarness();
    exits = [];
  });
  afterEach(async () => {
    await harness.driver.stop(0);
    harness.cleanUp();
  });

  test('starts a Runtime, gives its address and stops it without reporting an exit', async () => {
    const { address, adopted } = await harness.driver.start(spec(), handlers, never);
    expect(adopted).toBe(false);
    expect(address.kind).toBe('unix');
    expect(harness.isRunning()).toBe(true);
    await harness.driver.stop(5_000);
    expect(harness.isRunning()).toBe(false);
    expect(exits).toEqual([]);
  });

  test('stops nothing, and twice at once', async () => {
    await harness.driver.stop(5_000);
    await harness.driver.start(spec(), handlers, never);
    await Promise.all([harness.driver.stop(5_000), harness.driver.stop(5_000)]);
    await harness.driver.stop(5_000);
    expect(harness.isRunning()).toBe(false);
    expect(exits).toEqual([]);
  });

  test.each([0, 1])('reports an end with code %d exactly once', async (code) => {
    await harness.driver.start(spec(), handlers, never);
    harness.crash(code);
    await expect.poll(() => exits).toMatchObject([{ code, signal: null }]);
    expect(harness.isRunning()).toBe(false);
    await harness.driver.stop(5_000);
    expect(exits).toHaveLength(1);
  });

  test('starts again after a stop and after an end', async () => {
    await harness.driver.start(spec(), handlers, never);
    await harness.driver.stop(5_000);
    await harness.driver.start(spec(), handlers, never);
    harness.crash(1);
    await expect.poll(() => exits.length).toBe(1);
    await harness.driver.start(spec(), handlers, never);
    expect(harness.isRunning()).toBe(true);
    expect(exits).toHaveLength(1);
  });

  test('refuses a second Runtime and keeps the first', async () => {
    await harness.driver.start(spec(), handlers, never);
    await expect(harness.driver.start(spec(), handlers, never)).rejects.toMatchObject({
      code: 'RUNTIME_START',
      details: { reason: 'already_running' },
    });
    expect(harness.isRunning()).toBe(true);
  });

  test('starts nothing for an aborted signal and throws its reason', async () => {
    const reason = new Error('left');
    await expect(harness.driver.start(spec(), handlers, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(harness.isRunning()).toBe(false);
  });

  test('a signal that aborts after the start changes nothing', async () => {
    const left = new AbortController();
    await harness.driver.start(spec(), handlers, left.signal);
    left.abort();
    expect(harness.isRunning()).toBe(true);
  });

  test('reconciling finds nothing at first and leaves its own Runtime alone', async () => {
    await harness.driver.reconcile(spec());
    await harness.driver.start(spec(), handlers, never);
    await harness.driver.reconcile(spec());
    expect(harness.isRunning()).toBe(true);
    expect(exits).toEqual([]);
  });
});
