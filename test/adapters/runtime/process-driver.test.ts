import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEngineClient } from '../../../src/adapters/engine/undici-engine-client.js';
import { commandTemplate } from '../../../src/adapters/runtime/command-template.js';
import { createProcessDriver } from '../../../src/adapters/runtime/process-driver.js';
import { bootId, processesWithVariable, readProcess } from '../../../src/adapters/runtime/process-table.js';
import type {
  RuntimeDriver,
  RuntimeExit,
  RuntimeSpec,
} from '../../../src/adapters/runtime/runtime-driver.js';
import { modelOf, recordingLogger, spec } from './specs.js';

const never = new AbortController().signal;
let base: string;
let directory: string;
let log: ReturnType<typeof recordingLogger>;
let drivers: RuntimeDriver[];
let exits: RuntimeExit[];
const handlers = { exited: (exit: RuntimeExit) => void exits.push(exit), noticed: () => {} };

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'process-'));
  directory = join(base, 'runtime');
  log = recordingLogger();
  drivers = [];
  exits = [];
});
afterEach(async () => {
  for (const driver of drivers) await driver.stop(0);
  rmSync(base, { recursive: true, force: true });
});

const driverFor = (command: readonly string[], options: { settleMs?: number; directory?: string } = {}) => {
  const driver = createProcessDriver({
    command: commandTemplate(command),
    directory,
    environment: { TEST_MARKER: base },
    settleMs: 30,
    logger: log.logger,
    ...options,
  });
  drivers.push(driver);
  return driver;
};
const sh = (script: string, options?: { settleMs?: number; directory?: string }) =>
  driverFor(['/bin/sh', '-c', script], options);
const start = (driver: RuntimeDriver, change?: Partial<RuntimeSpec>) =>
  driver.start(spec(change), handlers, never);
const alive = () => processesWithVariable('TEST_MARKER', base);
const outputLines = () => log.lines.filter(({ event }) => event === 'runtime.output').map(({ line }) => line);
const refusal = async (driver: RuntimeDriver, change?: Partial<RuntimeSpec>) => {
  try {
    await start(driver, change);
  } catch (error) {
    return error;
  }
  throw new Error('it started');
};

/** A small engine over the socket or port given as its only argument. */
const ENGINE = `
const where = process.argv[1];
const server = require('node:http').createServer((_, answer) => answer.end('{}'));
/^\\d+$/.test(where) ? server.listen(Number(where), '127.0.0.1') : server.listen(where);
process.on('SIGTERM', () => process.exit(0));`;

describe('a Runtime', () => {
  test.each(['{socket}', '{port}'])('listens on %s and answers the engine client', async (where) => {
    const driver = driverFor([process.execPath, '-e', ENGINE, where]);
    const { address } = await start(driver);
    expect(address).toEqual(
      where === '{port}'
        ? { kind: 'tcp', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) }
        : { kind: 'unix', path: expect.stringMatching(/\/engine\.sock$/), ownerUid: process.getuid?.() },
    );
    const client = createEngineClient(address);
    await expect
      .poll(
        () =>
          client.health(never).then(
            () => 'ready',
            () => 'not yet',
          ),
        { timeout: 10_000 },
      )
      .toBe('ready');
    await client.close();
    await driver.stop(5_000);
    expect(readdirSync(directory)).toEqual([]);
    expect(exits).toEqual([]);
  });

  test('runs in a private directory, its own group and session, with nothing of our environment', async () => {
    vi.stubEnv('SECRET_OF_THE_AGENT', 'secret');
    const driver = sh('env; pwd; sleep 1000');
    try {
      await start(driver);
    } finally {
      vi.unstubAllEnvs();
    }
    const [started = ''] = readdirSync(directory);
    const cwd = join(directory, started);
    expect([statSync(directory), statSync(cwd)].map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o700]);
    await expect.poll(outputLines).toContain(cwd);
    const names = outputLines().map((line) => String(line).split('=')[0]);
    expect(
      names
        .filter((name) => !['PATH', 'HOME', 'LANG', 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? ''))
        .sort(),
    ).toEqual([cwd, 'RESULTITY_RUNTIME', 'TEST_MARKER'].sort());
    const leader = alive().find(({ pid, group }) => pid === group);
    expect(leader).toMatchObject({ group: leader?.pid, session: leader?.pid });
    expect(JSON.parse(readFileSync(join(cwd, 'runtime.json'), 'utf8'))).toEqual({
      version: 1,
      pid: leader?.pid,
      startTicks: leader?.startTicks,
      bootId: bootId(),
      socketPath: join(cwd, 'engine.sock'),
    });
  });

  test('gets its arguments as they are, without a shell', async () => {
    const driver = driverFor([
      '/bin/sh',
      '-c',
      'printf "%s|" "$@"; echo; sleep 1000',
      'sh',
      '--x={context_tokens}',
      '{max_concurrent}',
      '$(id) ; `id`',
      '{model_id}',
      '{model_path}',
    ]);
    await start(driver, { models: [modelOf('a/b $HOME'.replace(' ', '_'), { path: '/m/1 2' })] });
    await expect.poll(outputLines).toEqual(['--x=1024|4|$(id) ; `id`|a/b_$HOME|/m/1 2|']);
  });

  test('a stop that is ignored ends with SIGKILL for the whole group', async () => {
    const driver = sh(
      "trap '' TERM; (trap '' TERM; sleep 1000; sleep 1000) & echo up; while :; do sleep 1000; done",
    );
    await start(driver);
    await expect.poll(outputLines).toEqual(['up']);
    await driver.stop(50);
    expect(alive()).toEqual([]);
    expect(exits).toEqual([]);
  });

  test('a second, impatient stop cuts the first one short', async () => {
    const driver = sh("trap '' TERM; echo up; while :; do sleep 1000; done");
    await start(driver);
    await expect.poll(outputLines).toEqual(['up']);
    const patient = driver.stop(600_000);
    await driver.stop(0);
    await patient;
    expect(alive()).toEqual([]);
  });

  test('children that outlive it, even in a session of their own, go with it', async () => {
    const driver = sh(
      'sleep 1000 & setsid sleep 1000 & echo up; read _ < fifo_that_is_not_there; sleep 0.1; exit 0',
      {
        settleMs: 10,
      },
    );
    await start(driver).catch(() => {});
    await expect.poll(() => alive().length).toBe(0);
  });

  test('its end is told with the last lines it wrote', async () => {
    const driver = sh('trap "echo last words; exit 3" USR1; echo up; sleep 1000 & wait');
    await start(driver);
    await expect.poll(outputLines).toEqual(['up']);
    const leader = alive().find(({ pid, group }) => pid === group);
    process.kill(leader?.pid ?? 0, 'SIGUSR1');
    await expect.poll(() => exits).toMatchObject([{ code: 3, signal: null, tail: 'up\nlast words' }]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('killed by a signal names it', async () => {
    await start(sh('sleep 1000'));
    for (const { pid } of alive()) process.kill(pid, 'SIGKILL');
    await expect.poll(() => exits).toMatchObject([{ code: null, signal: 'SIGKILL' }]);
  });
});

describe('a start', () => {
  test.each([
    [['no-such-engine-program'], { reason: 'command_not_found' }, /Install the engine/],
    [['/etc/passwd'], { reason: 'not_executable' }, /chmod \+x/],
    [['./engine'], { reason: 'command' }, /absolute path/],
    [
      ['/bin/sh', '-c', 'echo unknown argument --x >&2; exit 2'],
      { reason: 'exited', exitCode: 2, signal: null, tail: 'unknown argument --x' },
      /last lines/,
    ],
    [['/bin/sh', '-c', 'exit 0'], { reason: 'exited', exitCode: 0, tail: '' }, /last lines/],
  ])('of %j fails with advice and leaves nothing', async (command, details, advice) => {
    const error = await refusal(driverFor(command, { settleMs: 5_000 }));
    expect(error).toMatchObject({ code: 'RUNTIME_START', details, advice: expect.stringMatching(advice) });
    expect(readdirSync(directory)).toEqual([]);
    expect(exits).toEqual([]);
  });

  test('that is aborted on the way leaves nothing', async () => {
    const left = new AbortController();
    const driver = sh('echo up; sleep 1000', { settleMs: 60_000 });
    const work = driver.start(spec(), handlers, left.signal);
    const outcome = work.catch((error: unknown) => error);
    await expect.poll(outputLines).toEqual(['up']);
    const reason = new Error('configuration changed');
    left.abort(reason);
    expect(await outcome).toBe(reason);
    expect(alive()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('that is stopped on the way fails, and the stop waits for its end', async () => {
    const driver = sh('sleep 1000', { settleMs: 60_000 });
    const outcome = start(driver).catch((error: unknown) => error);
    await driver.stop(5_000);
    expect(alive()).toEqual([]);
    expect(await outcome).toMatchObject({ code: 'RUNTIME_START' });
    expect(exits).toEqual([]);
  });

  test('deep in the file system puts the socket alone into a short private directory', async () => {
    const deep = join(base, 'x'.repeat(100));
    const driver = sh('echo {socket}; sleep 1000', { directory: deep });
    const { address } = await start(driver);
    if (address.kind !== 'unix') throw new Error('not a Unix socket');
    expect(Buffer.byteLength(address.path)).toBeLessThanOrEqual(103);
    expect(address.path.startsWith(deep)).toBe(false);
    expect(statSync(dirname(address.path)).mode & 0o777).toBe(0o700);
    await driver.stop(0);
    expect(existsSync(dirname(address.path))).toBe(false);
    expect(readdirSync(deep)).toEqual([]);
  });

  test('refuses a directory that is a link', async () => {
    symlinkSync(base, directory);
    expect(await refusal(sh('sleep 1000'))).toMatchObject({
      code: 'RUNTIME_START',
      details: { reason: 'directory' },
    });
  });

  test('closes a directory that was open to others', async () => {
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    await start(sh('sleep 1000'));
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });
});

describe('reconciling', () => {
  test('ends what a killed Agent left behind, and only that', async () => {
    const agent = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        fileURLToPath(new URL('./abandoning-agent.ts', import.meta.url)),
        directory,
        base,
        '/bin/sh',
        '-c',
        'sleep 1000 & setsid sleep 1000 & sleep 1000; echo {socket}',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(agent.stdout, 'data');
    agent.kill('SIGKILL');
    await once(agent, 'exit');
    await expect.poll(() => alive().length).toBe(4);
    const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    await sh('').reconcile(spec());
    expect(alive()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
    expect(stranger.exitCode).toBe(null);
    expect(log.lines).toMatchObject([{ event: 'runtime.leftover.ended', killed: 4 }]);
    stranger.kill('SIGKILL');
  });

  test.each([
    ['of another start time', { startTicks: 1 }],
    ['of another boot', { bootId: 'another' }],
    ['without a start time', { startTicks: null }],
  ])('never kills a process by a number alone: a record %s', async (_, change) => {
    const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const pid = stranger.pid ?? 0;
    const left = join(directory, 'abc');
    mkdirSync(left, { recursive: true });
    const record = {
      version: 1,
      pid,
      startTicks: readProcess(pid)?.startTicks,
      bootId: bootId(),
      socketPath: join(left, 'engine.sock'),
    };
    writeFileSync(join(left, 'runtime.json'), JSON.stringify({ ...record, ...change }));
    const driver = sh('');
    await driver.reconcile(spec());
    expect(readProcess(pid)?.isZombie).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
    mkdirSync(left);
    writeFileSync(join(left, 'runtime.json'), JSON.stringify(record));
    const ended = once(stranger, 'exit');
    await driver.reconcile(spec());
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  test.each([
    '',
    '{',
    '{"version":1}',
    '{"version":1,"pid":1,"startTicks":0,"bootId":"","socketPath":"/etc/passwd"}',
  ])('removes a directory whose record is %j and touches nothing else', async (record) => {
    mkdirSync(join(directory, 'abc'), { recursive: true });
    writeFileSync(join(directory, 'abc', 'runtime.json'), record);
    await sh('').reconcile(spec());
    expect(readdirSync(directory)).toEqual([]);
    expect(existsSync('/etc/passwd')).toBe(true);
  });
});
