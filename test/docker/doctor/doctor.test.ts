// `doctor`, the built binary, against a real Docker Engine and against what stands in an engine's place on bad days.
import { spawn } from 'node:child_process';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import Docker from 'dockerode';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { doctorReport } from '../../../src/doctor/report.js';
import {
  BINARY,
  type Finished,
  run,
  startNetworkProcess,
  temporaryDirectory,
  until,
} from '../../e2e/processes.js';
import { startWholeSystem } from '../../e2e/whole-system.js';
import { simulatorImage } from '../images/simulator-image.js';
import { createDockerRig } from '../runtime-host/docker-rig.js';

const containerSettings = (socket: string): readonly string[] => [
  ...['--runtime-driver', 'container', '--runtime-engine', 'simulator', '--runtime-container-socket', socket],
];

/** Ask only inside tests: where there is no engine, they are skipped. */
const sharedEngine = () => {
  const socketPath = inject('engineSocket') ?? '';
  return { socketPath, docker: new Docker({ socketPath, host: '' }) };
};

const NOBODY = '65534';
const FAILED = 3;
const document = doctorReport.extend({ schemaVersion: z.literal(1) });

const read = ({ stdout, stderr, code }: Finished) => {
  if (stdout === '') throw new Error(`no report, exit code ${code}: ${stderr}`);
  const report = document.parse(JSON.parse(stdout));
  const checks = new Map(report.checks.map((check) => [check.id, check]));
  return { code, report, check: (id: string) => checks.get(id) };
};

const flagsOf = (directory: string, socket: string, networkUrl = 'http://127.0.0.1:1'): string[] => [
  ...['doctor', '--json', '--data-dir', join(directory, 'node'), '--network-url', networkUrl],
  ...containerSettings(socket),
];

const examine = async (directory: string, socket: string, networkUrl?: string) =>
  read(await run(flagsOf(directory, socket, networkUrl), directory));

/** As a user who owns nothing and is in no group. */
const examineAsNobody = (directory: string, socket: string): Promise<Finished> =>
  new Promise((resolve) => {
    const who = ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'];
    const child = spawn('setpriv', [...who, process.execPath, BINARY, ...flagsOf(directory, socket)], {
      env: { PATH: process.env.PATH, HOME: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (text: Buffer) => (output.stdout += text));
    child.stderr.on('data', (text: Buffer) => (output.stderr += text));
    child.on('close', (code) => resolve({ code, ...output }));
  });

const listen = async (path: string, answer: (socket: Socket) => void): Promise<void> => {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
};

describe.skipIf(inject('engineSocket') === null)('doctor and a Docker Engine', () => {
  test('a real engine is named with its versions, and nothing fails', async () => {
    const directory = await temporaryDirectory();
    const { socketPath, docker } = sharedEngine();
    const { url } = await startNetworkProcess(directory);
    const { code, report, check } = await examine(directory, socketPath, url);
    const { Version } = await docker.version();
    expect(report.checks.filter(({ outcome }) => outcome === 'failure')).toEqual([]);
    expect({ code, healthy: report.healthy }).toEqual({ code: 0, healthy: true });
    expect(check('container.engine')?.evidence).toContain(`docker ${Version}, API 1.`);
    expect(check('container.socket')?.evidence).toContain(socketPath);
    expect(check('container.seal')).toMatchObject({ evidence: expect.stringContaining('seccomp on') });
    expect(check('container.restart')?.outcome).toBe('warning');
    expect(check('network.clock')?.outcome).toBe('ok');
  });

  test('beside a node at work it names the node and its container, and disturbs neither', async () => {
    const { socketPath, docker } = sharedEngine();
    const settings = containerSettings(socketPath);
    const image = await simulatorImage(docker);
    const system = await startWholeSystem({
      runtime: settings,
      isUnready: true,
      amend: (draft) => ({ ...draft, runtimes: draft.runtimes.map((one) => ({ ...one, image, flags: {} })) }),
    });
    const { nodeId } = await until(
      'the Runtime is ready',
      () => system.node.control.status(),
      ({ runtime }) => runtime.state === 'ready',
      100_000,
    );
    const containers = () => docker.listContainers({ filters: { label: [`io.resultity.node=${nodeId}`] } });
    const [before] = await containers();
    const words = [
      'doctor',
      '--json',
      '--data-dir',
      system.node.dataDir,
      '--network-url',
      system.network.url,
    ];
    const { check } = read(await run([...words, ...settings]));
    expect(check('daemon.state')).toMatchObject({
      outcome: 'ok',
      evidence: expect.stringContaining('Runtime ready'),
    });
    expect(check('container.leftovers')).toMatchObject({
      outcome: 'ok',
      evidence: `runtime ${before?.Id.slice(0, 12)} running; its node runs`,
    });
    expect(check('data.directory')?.outcome).toBe('ok');
    expect((await containers()).map(({ Id }) => Id)).toEqual([before?.Id]);
    expect((await system.node.control.status()).stage).not.toBe('halted');
  }, 240_000);

  test('a container that a node left behind is named, and not removed', async () => {
    const directory = await temporaryDirectory();
    const { socketPath } = sharedEngine();
    const made = await run(['init', '--json', '--data-dir', join(directory, 'node')], directory);
    const { nodeId } = JSON.parse(made.stdout) as { nodeId: string };
    await using rig = await createDockerRig(socketPath);
    const { id } = await rig.host(nodeId).start(rig.spec(), new AbortController().signal);
    const { check } = await examine(directory, socketPath);
    expect(check('container.leftovers')).toMatchObject({
      outcome: 'warning',
      evidence: `runtime ${id.slice(0, 12)} running; and no node runs`,
    });
    expect((await rig.docker.getContainer(id).inspect()).State.Running).toBe(true);
  });

  test('whoever may not use the socket is told which group may', async () => {
    const directory = await temporaryDirectory();
    await chmod(directory, 0o755);
    const { socketPath } = sharedEngine();
    const socket = join(directory, 'docker.sock');
    await listen(socket, (here) => {
      const there = connect(socketPath);
      there.on('error', () => here.destroy());
      here.pipe(there).pipe(here);
    });
    await chmod(socket, 0o660);
    expect((await examine(directory, socket)).check('container.engine')?.outcome).toBe('ok');
    const { code, check } = read(await examineAsNobody(directory, socket));
    expect(code).toBe(FAILED);
    expect(check('container.socket')).toMatchObject({
      outcome: 'failure',
      evidence: expect.stringContaining(`this is user ${NOBODY} in groups ${NOBODY}, who may not use it`),
      remedy: expect.stringContaining('usermod -aG root'),
    });
    expect(check('container.engine')).toMatchObject({
      outcome: 'failure',
      evidence: expect.stringContaining('forbidden'),
    });
  });

  test('a path that cannot be seen through is no mystery', async () => {
    const directory = await temporaryDirectory();
    await chmod(directory, 0o755);
    const closed = join(directory, 'closed');
    await mkdir(closed, { mode: 0o700 });
    await symlink(sharedEngine().socketPath, join(closed, 'docker.sock'));
    const { check } = read(await examineAsNobody(directory, join(closed, 'docker.sock')));
    expect(check('container.socket')).toMatchObject({
      outcome: 'failure',
      evidence: `${join(closed, 'docker.sock')}: EACCES`,
    });
  });
});

test('without an engine two checks say so, and the rest waits for them', async () => {
  const directory = await temporaryDirectory();
  const socket = join(directory, 'none.sock');
  const { code, report, check } = await examine(directory, socket);
  expect(code).toBe(FAILED);
  expect(check('container.socket')).toMatchObject({ outcome: 'failure', evidence: `${socket} is not there` });
  expect(check('container.engine')).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining('missing'),
  });
  const waiting = report.checks.filter(({ evidence }) => evidence === 'the container engine cannot be asked');
  expect(waiting.map(({ id }) => id)).toEqual([
    'container.seal',
    'container.restart',
    'container.images',
    'container.memory',
    'container.leftovers',
    'gpu.injection',
  ]);
});

test('an engine that hangs is a failure in bounded time, and holds up neither the other checks nor the end', async () => {
  const directory = await temporaryDirectory();
  const socket = join(directory, 'hung.sock');
  await listen(socket, () => {});
  const startedMs = performance.now();
  const { code, check } = await examine(directory, socket);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  expect(code).toBe(FAILED);
  expect(check('container.socket')?.outcome).toBe('ok');
  expect(check('container.engine')).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining('hung'),
    remedy: expect.stringMatching(/log of the Docker Engine/),
  });
  expect(check('data.directory')?.outcome).toBe('ok');
});
