// What the doctor says of a container engine, as its report, its socket file and its containers tell.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createIdentityStore } from '../../src/adapters/identity/keystore-identity.js';
import { MemoryContainerEngine } from '../../src/adapters/runtime-host/memory-container-engine.js';
import type { HostReport } from '../../src/adapters/runtime-host/runtime-host.js';
import { EngineUnavailableError } from '../../src/adapters/runtime-host/runtime-host-errors.js';
import {
  containerEngine,
  containerRestart,
  containerSeal,
} from '../../src/doctor/checks/container-engine.js';
import { containerLeftovers } from '../../src/doctor/checks/container-leftovers.js';
import { containerImages, containerMemory } from '../../src/doctor/checks/container-room.js';
import { containerSocket } from '../../src/doctor/checks/container-socket.js';
import { gpuPresent } from '../../src/doctor/checks/gpu.js';
import { gpuInjection } from '../../src/doctor/checks/gpu-injection.js';
import { runtimeEngine } from '../../src/doctor/checks/runtime-engine.js';
import { socketPaths } from '../../src/doctor/checks/socket-paths.js';
import { ask, RUNNING, type SubjectParts } from './subject.js';

const CONTAINER = { runtimeDriver: 'container', runtimeEngine: 'simulator' };
const GIB = 1024 ** 3;

const engineOf = (report: Partial<HostReport>): SubjectParts => ({
  flags: CONTAINER,
  containerEngine: async () => ({ ...new MemoryContainerEngine().report, ...report }),
});
const away: SubjectParts = {
  flags: CONTAINER,
  containerEngine: async () => {
    throw new EngineUnavailableError('it hangs', { advice: 'Restart it.' });
  },
};
const gpu = (uuid: string, vendor?: 'nvidia' | 'amd') => ({
  uuid,
  name: `card ${uuid}`,
  vram_total_bytes: 8 * GIB,
  ...(vendor && { vendor }),
});
const gpusOf = (...gpus: ReturnType<typeof gpu>[]) => ({ gpus: async () => ({ gpus, lost: [] }) });

const scratch = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

test('with another driver nothing of a container engine is looked at', async () => {
  for (const check of [containerSocket, containerEngine, containerSeal, gpuInjection]) {
    await expect(ask(check)).rejects.toThrow('the Runtime runs in no container (runtime.driver is process)');
  }
});

test('an engine that cannot be asked fails one check; the others wait for it', async () => {
  await expect(ask(containerEngine, away)).rejects.toMatchObject({
    message: 'it hangs',
    advice: 'Restart it.',
  });
  for (const check of [containerSeal, containerRestart, containerImages, containerMemory, gpuInjection]) {
    await expect(ask(check, away)).rejects.toThrow('the container engine cannot be asked');
  }
});

test('the engine is named with version, API, storage and cgroup; one too old is a failure', async () => {
  expect(await ask(containerEngine, engineOf({}))).toMatchObject({
    outcome: 'ok',
    evidence: 'docker 20.10.24, API 1.41, storage memory, cgroup 2, as root',
  });
  expect(await ask(containerEngine, engineOf({ version: '19.03.15' }))).toMatchObject({ outcome: 'failure' });
  expect(await ask(containerEngine, engineOf({ version: '29.1.0' }))).toMatchObject({ outcome: 'ok' });
  expect(await ask(containerEngine, engineOf({ kind: 'podman', version: '4.3.1' }))).toMatchObject({
    outcome: 'ok',
  });
});

test.each([
  [{}, 'ok'],
  [{ seccomp: false }, 'warning'],
  [{ rootless: true, cgroup: '1' }, 'warning'],
  [{ rootless: true, cgroup: '2' }, 'ok'],
  [{ warnings: ['WARNING: No memory limit support'] }, 'warning'],
  [{ warnings: ['WARNING: No swap limit support'] }, 'ok'],
] as const)('a seal with %j: %s', async (report, outcome) => {
  expect(await ask(containerSeal, engineOf(report))).toMatchObject({ outcome });
});

test('without live-restore a restart of the engine ends the Runtime', async () => {
  expect(await ask(containerRestart, engineOf({}))).toMatchObject({ outcome: 'warning' });
  expect(await ask(containerRestart, engineOf({ liveRestore: true }))).toMatchObject({ outcome: 'ok' });
});

test("memory is held against the owner's bound, else the engine's own", async () => {
  const host = engineOf({ memoryBytes: 16 * GIB });
  const vllm = { ...host, flags: { ...CONTAINER, runtimeEngine: 'vllm' } };
  expect(await ask(containerMemory, vllm)).toMatchObject({
    outcome: 'warning',
    evidence: "the Runtime may take 32 GiB (vLLM's default), the host has 16 GiB",
  });
  const bound = { ...vllm, flags: { ...vllm.flags, runtimeMemoryBytes: String(8 * GIB) } };
  expect(await ask(containerMemory, bound)).toMatchObject({ outcome: 'ok' });
});

test('the disk of the images is judged where it can be seen', async () => {
  const folder = await scratch();
  expect(await ask(containerImages, engineOf({ rootDirectory: folder }))).toMatchObject({
    evidence: expect.stringContaining(`free at ${folder}`),
  });
  await expect(ask(containerImages, engineOf({ rootDirectory: '/not/here' }))).rejects.toThrow(
    '/not/here cannot be seen from here',
  );
});

test('GPUs need a way into containers, as far as the engine needs GPUs; a UUID nobody has is a failure', async () => {
  const none = { ...engineOf({}), flags: { ...CONTAINER, runtimeEngine: 'vllm' } };
  const toolkit = { ...engineOf({ gpuInjection: 'toolkit' }), flags: none.flags };
  const nvidia = gpusOf(gpu('GPU-1', 'nvidia'));
  await expect(ask(gpuInjection, none)).rejects.toThrow('no GPU to give, and no way to give one');
  expect(await ask(gpuInjection, { ...none, ...nvidia })).toMatchObject({
    outcome: 'failure',
    remedy: expect.stringContaining('nvidia-ctk runtime configure'),
  });
  const optional = { ...CONTAINER, runtimeEngine: 'llama.cpp' };
  expect(await ask(gpuInjection, { ...none, ...nvidia, flags: optional })).toMatchObject({
    outcome: 'warning',
  });
  await expect(ask(gpuInjection, { ...none, ...nvidia, flags: CONTAINER })).rejects.toThrow(
    'is given no GPU',
  );
  expect(await ask(gpuInjection, { ...toolkit, ...nvidia })).toMatchObject({
    outcome: 'ok',
    evidence: 'given by the NVIDIA Container Toolkit: card GPU-1',
  });
  expect(await ask(gpuInjection, { ...toolkit, ...gpusOf(gpu('GPU-1', 'amd')) })).toMatchObject({
    outcome: 'warning',
  });
  const flags = { ...none.flags, runtimeGpus: 'GPU-2' };
  expect(await ask(gpuInjection, { ...toolkit, ...nvidia, flags })).toMatchObject({
    outcome: 'failure',
    evidence: 'runtime.gpus names what is not here: GPU-2',
  });
});

test('an Agent that sees no GPU itself may still have some by the engine', async () => {
  const flags = { runtimeDriver: 'container', runtimeEngine: 'vllm' };
  expect(await ask(gpuPresent, { ...engineOf({ gpuInjection: 'cdi' }), flags })).toMatchObject({
    outcome: 'warning',
  });
  const named = { ...flags, runtimeGpus: 'GPU-1' };
  expect(await ask(gpuPresent, { ...engineOf({}), flags: named })).toMatchObject({ outcome: 'ok' });
  expect(await ask(gpuPresent, { ...engineOf({}), flags })).toMatchObject({ outcome: 'failure' });
  expect(await ask(gpuPresent, { ...away, flags })).toMatchObject({ outcome: 'failure' });
});

test('containers of the node are well while it runs, and leftovers otherwise', async () => {
  const dataDir = await scratch();
  await createIdentityStore({ dir: dataDir }).create('correct horse');
  const runtime = { id: 'a'.repeat(64), role: 'runtime', state: 'running' };
  const look = (parts: SubjectParts) =>
    ask(containerLeftovers, { ...engineOf({}), flags: { ...CONTAINER, dataDir }, ...parts });
  expect(await look({})).toMatchObject({ outcome: 'ok', evidence: 'none of this node' });
  const one = { nodeContainers: async () => [runtime] };
  expect(await look({ ...one, daemon: async () => RUNNING })).toMatchObject({ outcome: 'ok' });
  expect(await look(one)).toMatchObject({
    outcome: 'warning',
    evidence: 'runtime aaaaaaaaaaaa running; and no node runs',
    remedy: expect.stringContaining('docker -H unix:///var/run/docker.sock rm --force aaaaaaaaaaaa'),
  });
  const two = { nodeContainers: async () => [runtime, runtime], daemon: async () => RUNNING };
  expect(await look(two)).toMatchObject({
    outcome: 'warning',
    evidence: expect.stringContaining('one Runtime is all there should be'),
  });
});

test('a container that a node with another driver left is told, wherever its engine can be asked', async () => {
  const dataDir = await scratch();
  const look = (parts: SubjectParts) =>
    ask(containerLeftovers, { flags: { runtimeDriver: 'process', dataDir }, ...parts });
  await expect(look({})).rejects.toThrow('the node has no key');
  await createIdentityStore({ dir: dataDir }).create('correct horse');
  expect(await look({})).toMatchObject({ outcome: 'ok', evidence: 'none of this node' });
  const left = [{ id: 'a'.repeat(64), role: 'runtime', state: 'running' }];
  expect(await look({ nodeContainers: async () => left, daemon: async () => RUNNING })).toMatchObject({
    outcome: 'warning',
    evidence:
      'runtime aaaaaaaaaaaa running; and the Runtime is to run in no container (runtime.driver is process)',
    remedy: expect.stringContaining('docker -H unix:///var/run/docker.sock rm --force aaaaaaaaaaaa'),
  });
  const nodeContainers = async () => {
    throw new EngineUnavailableError('there is none');
  };
  await expect(look({ nodeContainers })).rejects.toThrow('the Runtime runs in no container');
});

test("the engine's socket has to be one, and to be there", async () => {
  const folder = await scratch();
  const socket = join(folder, 'docker.sock');
  const look = () => ask(containerSocket, { flags: { ...CONTAINER, runtimeContainerSocket: socket } });
  expect(await look()).toMatchObject({ outcome: 'failure', evidence: `${socket} is not there` });
  await writeFile(socket, '');
  expect(await look()).toMatchObject({ outcome: 'failure', evidence: `${socket} is no socket` });
  await rm(socket);
  const server = createServer().listen(socket);
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  expect(await look()).toMatchObject({
    outcome: 'ok',
    evidence: expect.stringContaining(`${socket}, owner `),
  });
});

test("the engine's socket path is held to the least any engine takes", async () => {
  const look = (flags: Record<string, string>) => ask(socketPaths, { flags: { ...CONTAINER, ...flags } });
  expect(await look({ dataDir: '/var/lib/resultity' })).toMatchObject({
    outcome: 'ok',
    evidence: "control socket 31 of 107 bytes, engine's 52 of 90",
  });
  expect(await look({ dataDir: `/${'d'.repeat(60)}` })).toMatchObject({
    outcome: 'failure',
    remedy: expect.stringContaining('runtime.socketDirectory'),
  });
  const short = { dataDir: `/${'d'.repeat(60)}`, runtimeSocketDirectory: '/run/resultity' };
  expect(await look(short)).toMatchObject({ outcome: 'ok' });
});

test('an engine in a container needs no program here', async () => {
  expect(await ask(runtimeEngine, { flags: CONTAINER })).toMatchObject({ outcome: 'ok' });
});
