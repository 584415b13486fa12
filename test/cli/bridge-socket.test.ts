// `bridge-socket` as a command: says where it listens, serves until a signal, leaves nothing behind.
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bridgeSocketCommand } from '../../src/cli/bridge-socket.js';
import type { CommandIo } from '../../src/cli/output.js';
import { runCommand } from '../../src/cli/run-command.js';
import { dial, scriptedPort, socketPlace } from '../runtimes/bridge/rig.js';

const rig = () => {
  const out = new EventEmitter();
  const io: CommandIo = {
    stdout: { write: (text) => out.emit('line', text) },
    stderr: { write: () => true },
    env: {},
    isTTY: false,
    signal: new AbortController().signal,
  };
  const signals = new EventEmitter();
  return {
    out,
    signals,
    run: (...words: string[]) => runCommand(bridgeSocketCommand(io, signals), words, io),
  };
};

test('serves until SIGTERM and ends with 0', async () => {
  const engine = await scriptedPort();
  const path = socketPlace();
  const { out, signals, run } = rig();
  const bound = once(out, 'line');
  const ended = run(`--uds=${path}`, `--port=${engine.port}`);
  expect(JSON.parse((await bound)[0])).toEqual({
    event: 'bridge.bound',
    socket: path,
    port: engine.port,
    pid: process.pid,
  });
  const client = await dial(path);
  client.write('x');
  expect(String((await once(await engine.next(), 'data'))[0])).toBe('x');
  signals.emit('SIGTERM');
  expect(await ended).toBe(0);
  expect(existsSync(path)).toBe(false);
});

test.each([
  [['--uds=/tmp/x.sock'], 2],
  [['--uds=/tmp/x.sock', '--port=0'], 2],
  [['--uds=/tmp/x.sock', '--port=80', '--max-connections=many'], 2],
  [['--uds=/no/such/directory/x.sock', '--port=80'], 1],
])('%j is refused', async (words, code) => {
  expect(await rig().run(...words)).toBe(code);
});
