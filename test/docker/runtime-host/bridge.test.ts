// An engine that knows only TCP, behind its bridge: reached by the socket alone, and gone with its Runtime.
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { RuntimeHost } from '../../../src/adapters/runtime-host/runtime-host.js';
import { MIB } from '../../adapters/runtime-host/container-specs.js';
import { createDockerRig, type DockerRig, randomNodeId } from './docker-rig.js';

const socketPath = inject('engineSocket');
const never = new AbortController().signal;

const ENGINE = `
  require('node:http').createServer((_, answer) => answer.end('served')).listen(8000, '127.0.0.1');
  process.on('SIGTERM', () => process.exit(0));
  console.log('up');
`;
/**
 * Stands for the package's own command, of which an image with Node alone has none. Like it, it takes the place of one
 * that was killed, whose socket is still there.
 */
const BRIDGE = `
  const net = require('node:net');
  require('node:fs').rmSync('/run/engine/engine.sock', { force: true });
  net.createServer((one) => {
    const other = net.connect(8000, '127.0.0.1');
    for (const socket of [one, other]) socket.on('error', () => { one.destroy(); other.destroy(); });
    one.pipe(other).pipe(one);
  }).listen('/run/engine/engine.sock', () => require('node:fs').writeFileSync(
    '/run/engine/interfaces', Object.keys(require('node:os').networkInterfaces()).join(' ')));
`;

const ask = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ socketPath: path }, (response) => void text(response).then(resolve, reject))
      .on('error', reject)
      .end();
  });

describe.skipIf(socketPath === null)('a bridge', () => {
  const nodeId = randomNodeId();
  let rig: DockerRig;
  let host: RuntimeHost;

  beforeEach(async () => {
    rig = await createDockerRig(socketPath ?? '');
    host = rig.host(nodeId);
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  const spec = () =>
    rig.spec(ENGINE, {
      bridge: { image: rig.image, entrypoint: ['node'], args: ['--eval', BRIDGE] },
    });
  const served = () => ask(join(rig.socketDirectory, 'engine.sock'));
  const isServed = () =>
    expect.poll(() => served().catch(() => 'not yet'), { timeout: 20_000 }).toBe('served');
  const bridge = () => rig.docker.getContainer(`resultity-bridge-${nodeId.slice(2, 14)}`);
  const containers = async () =>
    (
      await rig.docker.listContainers({
        all: true,
        filters: { label: [`io.resultity.node=${nodeId}`] },
      })
    ).map(({ Labels }) => Labels['io.resultity.role']);

  test('gives the engine a socket, and has nothing but the network it shares and the socket', async () => {
    const runtime = await host.start(spec(), never);
    await isServed();
    const answers = await Promise.all(Array.from({ length: 100 }, served));
    expect(new Set(answers)).toEqual(new Set(['served']));
    expect(await readFile(join(rig.socketDirectory, 'interfaces'), 'utf8')).toBe('lo');
    const found = await bridge().inspect();
    expect(found).toMatchObject({
      Config: { User: '2000:0', Labels: { 'io.resultity.role': 'bridge' } },
      HostConfig: {
        NetworkMode: `container:${runtime.id}`,
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges:true'],
        Memory: 128 * MIB,
        MemorySwap: 128 * MIB,
        PidsLimit: 64,
        RestartPolicy: { Name: 'no' },
      },
      State: { Status: 'running', OOMKilled: false },
    });
    expect(found.Mounts.map(({ Destination }) => Destination)).toEqual(['/run/engine']);
    expect(await host.inspect(runtime)).toMatchObject({ phase: 'running', altered: [] });
  });

  test('is taken over with its Runtime, and goes with it', async () => {
    const runtime = await host.start(spec(), never);
    const { Id } = await bridge().inspect();
    expect(await host.reconcile(spec().specHash)).toMatchObject({ removed: [] });
    expect(await host.start(spec(), never)).toMatchObject({ id: runtime.id, adopted: true });
    expect((await bridge().inspect()).Id).toBe(Id);
    await rig.isUp(host, runtime);
    expect(await host.stop(runtime, 5_000)).toEqual({ code: 0, outOfMemory: false });
    expect(await containers()).toEqual([]);
  });

  test('is missed, and put back before a Runtime that is kept', async () => {
    const runtime = await host.start(spec(), never);
    await isServed();
    await bridge().remove({ force: true });
    expect(await host.inspect(runtime)).toMatchObject({ phase: 'running', altered: ['bridge'] });
    expect(await host.start(spec(), never)).toMatchObject({ id: runtime.id, adopted: true });
    await isServed();
    expect(await host.inspect(runtime)).toMatchObject({ phase: 'running', altered: [] });
  });

  test('is removed when its Runtime is gone', async () => {
    const runtime = await host.start(spec(), never);
    const { Id } = await bridge().inspect();
    await rig.docker.getContainer(runtime.id).remove({ force: true });
    expect(await host.reconcile(spec().specHash)).toEqual({ found: undefined, removed: [Id] });
  });

  test('is not put before a Runtime that has ended, and nothing is left of it', async () => {
    const ended = { ...spec(), entrypoint: ['/no-program'] };
    await expect(host.start(ended, never)).rejects.toMatchObject({
      code: 'CONTAINER_START_FAILED',
      details: { trouble: 'executable' },
    });
    expect(await containers()).toEqual([]);
  });

  test('has to have an image before its Runtime is started', async () => {
    const image = `sha256:${'1'.repeat(64)}`;
    const without = { ...spec(), bridge: { image, entrypoint: ['node'], args: [] } };
    await expect(host.start(without, never)).rejects.toMatchObject({
      code: 'IMAGE_UNAVAILABLE',
      details: { trouble: 'absent', image },
    });
    expect(await containers()).toEqual([]);
  });

  test('is told of when it ends by itself', async () => {
    const broken = { ...spec(), bridge: { image: rig.image, entrypoint: ['/no-program'], args: [] } };
    const runtime = await host.start(broken, never);
    await expect
      .poll(() => host.inspect(runtime), { timeout: 10_000 })
      .toMatchObject({ phase: 'running', altered: ['bridge'] });
  });
});
