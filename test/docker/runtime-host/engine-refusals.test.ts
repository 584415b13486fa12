// What a real Docker Engine refuses, and what it says of containers that others touched.
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { ContainerSpec } from '../../../src/adapters/runtime-host/container-spec.js';
import type { RuntimeHost } from '../../../src/adapters/runtime-host/runtime-host.js';
import { MIB } from '../../adapters/runtime-host/container-specs.js';
import { createDockerRig, type DockerRig, randomNodeId } from './docker-rig.js';

const socketPath = inject('engineSocket');
const never = new AbortController().signal;

describe.skipIf(socketPath === null)('a Docker Engine', () => {
  let nodeId: string;
  let rig: DockerRig;
  let host: RuntimeHost;

  beforeEach(async () => {
    nodeId = randomNodeId();
    rig = await createDockerRig(socketPath ?? '');
    host = rig.host(nodeId);
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  const name = () => `resultity-runtime-${nodeId.slice(2, 14)}`;

  test.each<[string, Partial<ContainerSpec>, object]>([
    [
      'a directory that is not there',
      {
        modelMounts: [
          { source: { kind: 'bind', hostPath: '/not/there' }, target: '/models/0', readOnly: true },
        ],
      },
      { details: { trouble: 'mount' }, retryable: false, message: expect.stringContaining('/not/there') },
    ],
    [
      'less memory than it can bound',
      { limits: { memoryBytes: 1024, sharedMemoryBytes: MIB, pids: 8, cpus: 1 } },
      { details: { trouble: 'spec' }, retryable: false, message: expect.stringMatching(/memory limit/i) },
    ],
    ['a GPU where there is none', { gpus: ['GPU-1'] }, { details: { trouble: 'gpu' }, retryable: true }],
  ])('refuses %s, and nothing is left', async (_, changes, expected) => {
    await expect(host.start(rig.spec(undefined, changes), never)).rejects.toMatchObject({
      code: 'CONTAINER_START_FAILED',
      ...expected,
    });
    expect(await host.reconcile(undefined)).toEqual({ found: undefined, removed: [] });
  });

  test('starts a program that is not there, which ends at once', async () => {
    const ref = await host.start(rig.spec(undefined, { entrypoint: ['/no-program'] }), never);
    await expect
      .poll(() => host.inspect(ref), { timeout: 10_000 })
      .toMatchObject({ phase: 'exited', exit: { code: 127, outOfMemory: false } });
    expect((await host.tailLog(ref, 5)).join()).toContain('/no-program');
  });

  test('keeps a name for the node that has it, and ours goes without', async () => {
    const holder = await rig.docker.createContainer({
      name: name(),
      Image: rig.image,
      Cmd: ['node'],
      Labels: { 'io.resultity.node': randomNodeId() },
    });
    try {
      await expect(host.start(rig.spec(), never)).rejects.toMatchObject({
        code: 'CONTAINER_CONFLICT',
        retryable: false,
      });
      expect(await holder.inspect()).toMatchObject({ Name: `/${name()}` });
    } finally {
      await holder.remove({ force: true });
    }
  });

  test('removes what an Agent left between create and start', async () => {
    const { id } = await rig.docker.createContainer({
      name: name(),
      Image: rig.image,
      Cmd: ['node'],
      Labels: { 'io.resultity.node': nodeId, 'io.resultity.role': 'runtime' },
    });
    expect(await host.start(rig.spec(), never)).toMatchObject({ adopted: false });
    await expect(rig.docker.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  test('tells what was altered on a running container, which is then not taken over', async () => {
    const spec = rig.spec();
    const ref = await host.start(spec, never);
    await rig.docker.getContainer(ref.id).update({ Memory: 128 * MIB, MemorySwap: 512 * MIB });
    await rig.docker.getContainer(ref.id).rename({ name: `${name()}-other` });
    expect(await host.inspect(ref)).toMatchObject({
      phase: 'running',
      altered: ['Name', 'HostConfig.Memory', 'HostConfig.MemorySwap'],
    });
    const next = await host.start(spec, never);
    expect(next.adopted).toBe(false);
    expect(await host.inspect(ref)).toEqual({ phase: 'absent' });
  });

  test('tells of a container killed for memory, in its news and afterwards', async () => {
    const events: unknown[] = [];
    const left = new AbortController();
    const watching = (async () => {
      for await (const event of host.watch(left.signal)) events.push(event);
    })();
    const spec = rig.spec(
      `process.once('SIGHUP', () => { const held = []; setInterval(() => held.push(Buffer.alloc(8 << 20, 1)), 1); });
       setInterval(() => {}, 60_000);
       console.log('up');`,
      { limits: { memoryBytes: 96 * MIB, sharedMemoryBytes: MIB, pids: 64, cpus: undefined } },
    );
    const ref = await host.start(spec, never);
    await rig.isUp(host, ref);
    await rig.docker.getContainer(ref.id).kill({ signal: 'SIGHUP' });
    const exit = { code: 137, outOfMemory: true };
    await expect.poll(() => events, { timeout: 30_000 }).toContainEqual({ type: 'died', id: ref.id, exit });
    expect(events).toContainEqual({ type: 'oom', id: ref.id });
    expect(await host.inspect(ref)).toMatchObject({ phase: 'exited', exit });
    expect(await host.stop(ref, 1_000)).toEqual(exit);
    left.abort();
    await watching;
  });

  test('kills what does not heed the order to stop', async () => {
    const deaf = rig.spec(
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 60_000); console.log('up');",
    );
    const ref = await host.start(deaf, never);
    await rig.isUp(host, ref);
    const before = performance.now();
    expect(await host.stop(ref, 1_000)).toEqual({ code: 137, outOfMemory: false });
    expect(performance.now() - before).toBeGreaterThanOrEqual(1_000);
  });

  test('stops one that is paused', async () => {
    const ref = await host.start(rig.spec(), never);
    await rig.isUp(host, ref);
    await rig.docker.getContainer(ref.id).pause();
    expect(await host.stop(ref, 5_000)).toEqual({ code: 0, outOfMemory: false });
  });

  test('lets one of two starts of a node win, when both come at once', async () => {
    const spec = rig.spec();
    const both = await Promise.allSettled([host.start(spec, never), rig.host(nodeId).start(spec, never)]);
    expect(both.map(({ status }) => status)).toContain('fulfilled');
    const running = await rig.docker.listContainers({
      filters: { label: [`io.resultity.node=${nodeId}`] },
    });
    expect(running).toHaveLength(1);
  });
});
