// `doctor` as a person and a program call it: on this very host, with a data directory and a network of the test's own.

import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { dataPaths } from '../../src/adapters/state/data-paths.js';
import { encodeDocument } from '../../src/adapters/state/document-file.js';
import { doctorCommand } from '../../src/cli/doctor.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { CommandIo } from '../../src/cli/output.js';
import { runCommand } from '../../src/cli/run-command.js';
import { startControlServer } from '../../src/console/control-server.js';
import { controlSocketOf } from '../../src/console/control-socket.js';
import { ALL_CHECKS } from '../../src/doctor/all-checks.js';
import { doctorReport } from '../../src/doctor/report.js';
import { NETWORK, RUNNING } from '../doctor/subject.js';
import { noSteering } from './no-steering.js';

const SECRET = 'correct horse battery staple';
const document = doctorReport.extend({ schemaVersion: z.literal(1) });

let dataDir: string;
let networkUrl: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'doctor-'));
  const made = dataDir;
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...NETWORK, time_ms: Date.now() }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  networkUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

const run = async (words: readonly string[], more: Partial<CommandIo> = {}) => {
  const output = { stdout: '', stderr: '' };
  const io: CommandIo = {
    stdout: { write: (text: string) => (output.stdout += text) },
    stderr: { write: (text: string) => (output.stderr += text) },
    env: {
      HOME: dataDir,
      PATH: process.env.PATH,
      RESULTITY_DATA_DIR: dataDir,
      RESULTITY_NETWORK_URL: networkUrl,
      RESULTITY_RUNTIME_ENGINE: 'simulator',
      RESULTITY_PASSPHRASE: SECRET,
    },
    isTTY: false,
    signal: new AbortController().signal,
    ...more,
  };
  const code = await runCommand(doctorCommand(io), words, io);
  return { code, ...output };
};

test('a host with nothing wrong: exit code 0, one line per check, nothing left behind', async () => {
  const { code, stdout, stderr } = await run([]);
  expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: expect.stringMatching(/, 0 failed, /) });
  expect(stdout).toMatch(/^ok {7}network\.reachable {4}devnet at http:\/\/127\.0\.0\.1:/m);
  expect(stdout).toMatch(/^skipped {2}container\.socket \+6 {2}the Runtime runs in no container/m);
  expect(stdout).not.toContain(SECRET);
  expect(await readdir(dataDir)).toEqual([]);
});

test('a program reads every check by its id', async () => {
  const { code, stdout } = await run(['--json']);
  const report = document.parse(JSON.parse(stdout));
  expect(code).toBe(EXIT.ok);
  expect(report.healthy).toBe(true);
  expect(report.checks.map(({ id }) => id)).toEqual(ALL_CHECKS.map(({ id }) => id));
  expect(stdout).not.toContain(SECRET);
});

test('a failure has an exit code of its own, a remedy, and leaves the other checks alone', async () => {
  const { code, stdout, stderr } = await run(['--runtime-engine', 'vllm', '--runtime-command', '/not/here']);
  expect(code).toBe(EXIT.findings);
  expect(stdout).toMatch(/^failure +runtime\.engine +vLLM cannot be started/m);
  expect(stdout).toMatch(/^ +-> Install vLLM, or set runtime\.command/m);
  expect(stdout).toMatch(/^ok +network\.clock/m);
  expect(stderr).toMatch(/checks? failed \[DOCTOR_FINDINGS\]/);
});

test('settings that cannot be used are a finding, not an end', async () => {
  const { code, stdout } = await run(['--json', '--runtime-slots', '0']);
  expect(code).toBe(EXIT.findings);
  const failed = document.parse(JSON.parse(stdout)).checks.filter(({ outcome }) => outcome === 'failure');
  expect(failed.map(({ id }) => id)).toEqual(['settings.valid']);
});

test('beside a node that runs it says so', async () => {
  const view = { status: () => RUNNING, jobs: () => [], onChange: () => () => undefined };
  const server = await startControlServer(controlSocketOf(dataDir), view, noSteering);
  onTestFinished(() => server.close());
  const { stdout } = await run([]);
  expect(stdout).toMatch(/^ok +daemon\.state +process 4711, version 0\.1\.0, connected, Runtime ready$/m);
});

test('on a terminal one line tells what is waited for, and goes', async () => {
  const { stderr } = await run([], { isTTY: true });
  expect(stderr).toContain('\r\u001b[K');
  expect(stderr.lastIndexOf('\r\u001b[K')).toBeLessThan(stderr.indexOf(' ok, '));
  expect((await run(['--json'], { isTTY: true })).stderr).not.toContain('\u001b');
});

test('an interruption is no clean bill of health', async () => {
  const { code, stderr } = await run([], { signal: AbortSignal.abort() });
  expect(code).toBe(EXIT.failure);
  expect(stderr).toContain('[DOCTOR_INTERRUPTED]');
});

test('one of several networks is asked about alone, by name or URL', async () => {
  const account = {
    url: networkUrl,
    socket_url: NETWORK.socket_url,
    root: '',
    genesis: NETWORK.genesis,
    chain_id: NETWORK.chain_id,
    name: 'devnet',
    registered_ms: null,
    node: RUNNING.nodeId,
  };
  const { account: path } = dataPaths(dataDir).network('devnet');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, encodeDocument({ version: 1, subject: 'devnet/account', data: account }));
  const other = 'http://127.0.0.1:1';
  const both = ['--network-url', networkUrl, '--network-url', other, '--allow-insecure', '--json'];
  const networkOf = (stdout: string) =>
    document.parse(JSON.parse(stdout)).checks.find(({ id }) => id === 'network.reachable');
  const all = await run(both);
  expect([all.code, networkOf(all.stdout)?.outcome]).toEqual([EXIT.findings, 'failure']);
  for (const wanted of ['devnet', networkUrl]) {
    const one = networkOf((await run([...both, '--network', wanted])).stdout);
    expect(one).toMatchObject({
      outcome: 'ok',
      evidence: expect.stringContaining(`devnet at ${networkUrl}`),
    });
  }
  expect(networkOf((await run([...both, '--network', other])).stdout)).toMatchObject({ outcome: 'failure' });
  const unknown = await run([...both, '--network', 'mainnet']);
  expect(unknown.code).toBe(EXIT.usage);
  expect(unknown.stderr).toContain(
    `this node has no network \\"mainnet\\", but devnet (${networkUrl}), ${other}`,
  );
});
