// What the doctor says of a data directory: on a real disk, for rights and renames cannot be imitated.
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createIdentityStore } from '../../src/adapters/identity/keystore-identity.js';
import { daemonState } from '../../src/doctor/checks/daemon.js';
import { dataDirectory } from '../../src/doctor/checks/data-directory.js';
import { dataSpace, judgeSpace } from '../../src/doctor/checks/disk-space.js';
import { keyFile } from '../../src/doctor/checks/key.js';
import { socketPaths } from '../../src/doctor/checks/socket-paths.js';
import { ask, RUNNING } from './subject.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'doctor-'));
  const made = dataDir;
  onTestFinished(() => rm(made, { recursive: true, force: true }));
});

test('a directory that is not there is well where it can be made', async () => {
  const wanted = join(dataDir, 'deep', 'inside');
  expect(await ask(dataDirectory, { flags: { dataDir: wanted } })).toMatchObject({
    outcome: 'ok',
    evidence: `not there yet; the node makes it in ${dataDir}`,
  });
  expect(await readdir(dataDir)).toEqual([]);
});

test('a directory of our own is tried out, and left as it was', async () => {
  await writeFile(join(dataDir, 'lock'), '');
  expect(await ask(dataDirectory, { flags: { dataDir } })).toMatchObject({
    outcome: 'ok',
    evidence: expect.stringMatching(/mode 0700; a file was written, renamed and removed$/),
  });
  expect(await readdir(dataDir)).toEqual(['lock']);
});

test("an open directory is a warning while it is the node's own, and a failure once others' files are in it", async () => {
  await chmod(dataDir, 0o755);
  await writeFile(join(dataDir, 'notes.txt'), '');
  expect(await ask(dataDirectory, { flags: { dataDir } })).toMatchObject({ outcome: 'failure' });
  await writeFile(join(dataDir, 'lock'), '');
  expect(await ask(dataDirectory, { flags: { dataDir } })).toMatchObject({
    outcome: 'warning',
    remedy: `Run \`chmod 700 ${dataDir}\`.`,
  });
});

test("somebody else's directory, and a file in its place, are failures", async () => {
  const other = (process.getuid?.() ?? 0) + 1;
  expect(await ask(dataDirectory, { flags: { dataDir }, process: { uid: other } })).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining(`and this is user ${other}`),
    remedy: expect.stringContaining(`chown -R ${other} ${dataDir}`),
  });
  const file = join(dataDir, 'file');
  await writeFile(file, '');
  expect(await ask(dataDirectory, { flags: { dataDir: file } })).toMatchObject({
    outcome: 'failure',
    evidence: `${file} is no directory`,
  });
  expect(await ask(dataDirectory, { flags: { dataDir: join(file, 'below') } })).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining('ENOTDIR'),
  });
});

test('room on the disk is told, and too little of it by how much is wanted', async () => {
  expect(await ask(dataSpace, { flags: { dataDir } })).toMatchObject({
    evidence: expect.stringMatching(/ of .* free at /),
  });
  expect(await judgeSpace(dataDir, Number.MAX_SAFE_INTEGER, 'Make room.')).toMatchObject({
    outcome: 'warning',
    evidence: expect.stringContaining('would be better'),
    remedy: 'Make room.',
  });
});

test('a key is named by its id; no key is well only before the first start', async () => {
  expect(await ask(keyFile, { flags: { dataDir } })).toMatchObject({ outcome: 'ok' });
  await mkdir(join(dataDir, 'networks', 'devnet'), { recursive: true });
  expect(await ask(keyFile, { flags: { dataDir } })).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining('which a node has used before'),
  });
  const { nodeId } = await createIdentityStore({ dir: dataDir }).create('correct horse');
  expect(await ask(keyFile, { flags: { dataDir } })).toMatchObject({
    outcome: 'ok',
    evidence: `${nodeId} in ${join(dataDir, 'identity.json')}`,
  });
  await chmod(join(dataDir, 'identity.json'), 0o644);
  await expect(ask(keyFile, { flags: { dataDir } })).rejects.toMatchObject({ code: 'IDENTITY_PERMISSIONS' });
});

test('a node that runs is told; a process that holds the directory and does not answer is a warning', async () => {
  expect(await ask(daemonState, { flags: { dataDir } })).toMatchObject({
    outcome: 'ok',
    evidence: `no node is running on ${dataDir}`,
  });
  expect(await ask(daemonState, { flags: { dataDir }, daemon: async () => RUNNING })).toMatchObject({
    outcome: 'ok',
    evidence: 'process 4711, version 0.1.0, connected, Runtime ready',
  });
  const holder = { pid: process.pid, host: hostname(), started_ms: 0 };
  await writeFile(join(dataDir, 'lock'), JSON.stringify(holder));
  expect(await ask(daemonState, { flags: { dataDir } })).toMatchObject({
    outcome: 'warning',
    evidence: `process ${process.pid} holds ${dataDir}, but does not answer`,
  });
  await writeFile(join(dataDir, 'lock'), JSON.stringify({ ...holder, host: 'elsewhere' }));
  expect(await ask(daemonState, { flags: { dataDir } })).toMatchObject({ outcome: 'ok' });
});

test('of a node in several networks, one can be asked about alone', async () => {
  const url = 'http://127.0.0.1:1';
  const { network, models, jobs, reports, config } = RUNNING;
  const shared = { models, jobs, reports, config, hasRuntime: true, runtimeHolder: null };
  const well = { ...network, ...shared, stage: 'connected', idleReason: null, failure: null };
  const failure = { code: 'X', message: 'the key is refused', retryable: false, advice: 'Ask the network.' };
  const ill = { ...well, name: 'testnet', url: 'http://127.0.0.1:2', stage: 'halted', failure };
  const daemon = async () => ({ ...RUNNING, networks: [well, ill] });
  const look = (onlyNetwork?: string) => ask(daemonState, { flags: { dataDir }, daemon, onlyNetwork });
  expect(await look()).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining('in testnet: the key is refused'),
  });
  expect(await look(url)).toMatchObject({ outcome: 'ok' });
  expect(await look('http://127.0.0.1:2')).toMatchObject({
    outcome: 'failure',
    evidence: 'process 4711, version 0.1.0, halted, Runtime ready: the key is refused',
    remedy: 'Ask the network.',
  });
});

test('a node that gave its Runtime up is a failure with its own advice', async () => {
  const failure = { code: 'X', message: 'no such model', retryable: false, advice: 'Install it.' };
  const runtime = { ...RUNNING.runtime, state: 'quarantined', failure };
  expect(
    await ask(daemonState, { flags: { dataDir }, daemon: async () => ({ ...RUNNING, runtime }) }),
  ).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining('Runtime quarantined: no such model'),
    remedy: 'Install it. Then run `resultity-node retry`.',
  });
});

test('a node that has lost its container engine is a warning: the Runtime goes on', async () => {
  const runtime = { ...RUNNING.runtime, controlled: false };
  expect(
    await ask(daemonState, { flags: { dataDir }, daemon: async () => ({ ...RUNNING, runtime }) }),
  ).toMatchObject({
    outcome: 'warning',
    evidence: expect.stringContaining('the container engine does not answer the node'),
  });
});

test('a data directory whose control socket could not be listened on is a failure', async () => {
  expect(await ask(socketPaths, { flags: { dataDir: `/${'d'.repeat(93)}` } })).toMatchObject({
    outcome: 'ok',
  });
  expect(await ask(socketPaths, { flags: { dataDir: `/${'d'.repeat(94)}` } })).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining('has 108 bytes of 107'),
  });
});
