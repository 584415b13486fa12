// `network start` in this process: what it prints, how it stops, how it refuses.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { networkCommand } from '../../src/cli/network/network-command.js';
import type { CommandIo } from '../../src/cli/output.js';
import { runCommand } from '../../src/cli/run-command.js';

let dir: string;
const stops: AbortController[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'net-start-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort();
  await rm(dir, { recursive: true, force: true });
});

const run = (args: string[], env: Record<string, string> = {}) => {
  const stop = new AbortController();
  stops.push(stop);
  const said = { stdout: '', stderr: '' };
  let spoke: () => void = () => {};
  const firstWord = new Promise<void>((resolve) => {
    spoke = resolve;
  });
  const io: CommandIo = {
    stdout: {
      write: (text) => {
        said.stdout += text;
        spoke();
      },
    },
    stderr: { write: (text) => (said.stderr += text) },
    env,
    isTTY: false,
    signal: stop.signal,
  };
  return { said, stop, firstWord, code: runCommand(networkCommand(io), args, io) };
};

const start = (...more: string[]) =>
  run(['start', '--data-dir', dir, '--port', '0', '--log-level', 'silent', ...more]);

test('prints one line of JSON when it runs, answers, and stops with 0', async () => {
  const network = start('--json', '--name', 'mynet', '--chain-id', '5');
  await network.firstWord;
  const line = JSON.parse(network.said.stdout);
  expect(line).toMatchObject({
    schemaVersion: 1,
    event: 'network.started',
    name: 'mynet',
    chain_id: 5,
    data_dir: dir,
    pid: process.pid,
  });
  expect((await fetch(`${line.url}/healthz`)).status).toBe(200);
  const status = run(['status', '--json'], { RESULTITY_NETWORK_DATA_DIR: dir });
  expect(await status.code).toBe(0);
  expect(JSON.parse(status.said.stdout)).toMatchObject({
    url: line.url,
    genesis: line.genesis,
    config: null,
  });
  network.stop.abort();
  expect(await network.code).toBe(0);
  expect(network.said).toEqual({ stdout: `${JSON.stringify(line)}\n`, stderr: '' });
});

test('prints facts for a person, and the talk on stderr', async () => {
  const network = start();
  await network.firstWord;
  network.stop.abort();
  expect(await network.code).toBe(0);
  expect(network.said.stdout).toMatch(/^Network +devnet\nURL +http:\/\/127\.0\.0\.1:\d+\nGenesis +sha256:/);
  expect(network.said.stderr).toContain('Ctrl-C');
});

test('ends with 7 when a network runs there already', async () => {
  const network = start();
  await network.firstWord;
  const second = start();
  expect(await second.code).toBe(7);
  expect(second.said.stderr).toContain('[NETWORK_RUNNING]');
  expect(second.said.stdout).toBe('');
  network.stop.abort();
  await network.code;
});

test.each([
  ['a name that is none', ['--name', 'Not A Name'], {}],
  ['an SMTP URL that is none', [], { RESULTITY_NETWORK_SMTP_URL: 'mail.example.org password' }],
])('ends with 78 on %s, and repeats no secret', async (_title, args, env) => {
  const refused = run(['start', '--data-dir', dir, '--port', '0', ...args], env);
  expect(await refused.code).toBe(78);
  expect(refused.said.stderr).toContain('[NETWORK_OPTIONS]');
  expect(refused.said.stderr).not.toContain('password');
});

test.each([
  ['half a price list', ['--price-prompt', '1'], {}],
  ['a file of secrets that is not there', [], { RESULTITY_NETWORK_SMTP_URL_FILE: '/nonexistent' }],
])('ends with 2 on %s', async (_title, args, env) => {
  expect(await run(['start', '--data-dir', dir, '--port', '0', ...args], env).code).toBe(2);
});
