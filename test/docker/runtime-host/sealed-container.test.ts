// A running Runtime container, field by field: as the engine tells it, and as a program inside finds it.
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { RuntimeStart } from '../../../src/adapters/runtime-host/runtime-host.js';
import { MIB } from '../../adapters/runtime-host/container-specs.js';
import { createDockerRig, type DockerRig, randomNodeId, USER } from './docker-rig.js';

const socketPath = inject('engineSocket');

describe.skipIf(socketPath === null)('a sealed container', () => {
  const nodeId = randomNodeId();
  let rig: DockerRig;
  let modelDirectory: string;
  let runtime: RuntimeStart;
  let program: string;

  beforeAll(async () => {
    rig = await createDockerRig(socketPath ?? '');
    modelDirectory = await mkdtemp(join(tmpdir(), 'rn-model-'));
    await chown(modelDirectory, USER, 0);
    await writeFile(join(modelDirectory, 'weights'), 'weights');
    program = await readFile(new URL('look-around.mjs', import.meta.url), 'utf8');
    const spec = rig.spec(program, {
      args: ['--input-type=module', '--eval', program],
      modelMounts: [
        { source: { kind: 'bind', hostPath: modelDirectory }, target: '/models/0', readOnly: true },
      ],
      tmpfs: [
        { target: '/tmp', sizeBytes: 8 * MIB, exec: false },
        { target: '/cache', sizeBytes: 16 * MIB, exec: true },
      ],
      limits: { memoryBytes: 192 * MIB, sharedMemoryBytes: 4 * MIB, pids: 48, cpus: 0.5 },
    });
    runtime = await rig.host(nodeId).start(spec, new AbortController().signal);
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
    await rm(modelDirectory, { recursive: true, force: true });
  });

  test('is what was asked for, as the engine tells it', async () => {
    const found = await rig.docker.getContainer(runtime.id).inspect();
    expect(found).toMatchObject({
      Name: `/resultity-runtime-${nodeId.slice(2, 14)}`,
      Image: rig.image,
      State: { Status: 'running', OOMKilled: false },
      Config: {
        Image: rig.image,
        Hostname: 'runtime',
        User: `${USER}:0`,
        Entrypoint: ['node'],
        Cmd: ['--input-type=module', '--eval', program],
        Env: ['MODE=test', 'PATH=/usr/local/bin:/usr/bin'],
        StopSignal: 'SIGTERM',
        StopTimeout: 10,
        Healthcheck: { Test: ['NONE'] },
        Labels: {
          'io.resultity.node': nodeId,
          'io.resultity.role': 'runtime',
          'io.resultity.spec': runtime.specHash,
          'io.resultity.agent': '0.0.0',
        },
      },
      HostConfig: {
        NetworkMode: 'none',
        IpcMode: 'private',
        PidMode: '',
        UTSMode: '',
        ReadonlyRootfs: true,
        Privileged: false,
        CapAdd: null,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges:true'],
        Binds: null,
        Devices: null,
        DeviceRequests: [],
        PortBindings: null,
        PublishAllPorts: false,
        Init: true,
        AutoRemove: false,
        RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
        OomScoreAdj: 500,
        PidsLimit: 48,
        Memory: 192 * MIB,
        MemorySwap: 192 * MIB,
        NanoCpus: 500_000_000,
        ShmSize: 4 * MIB,
        ExtraHosts: ['runtime:127.0.0.1'],
        Tmpfs: {
          '/tmp': `rw,noexec,nosuid,nodev,size=${8 * MIB},mode=1777,uid=2000,gid=0`,
          '/cache': `rw,exec,nosuid,nodev,size=${16 * MIB},mode=1777,uid=2000,gid=0`,
        },
        LogConfig: { Type: 'local', Config: { 'max-size': '10m', 'max-file': '2' } },
        Ulimits: [{ Name: 'nofile', Soft: 16_384, Hard: 16_384 }],
      },
      NetworkSettings: { Ports: {} },
    });
    expect(Object.keys(found.NetworkSettings.Networks)).toEqual(['none']);
    expect(
      found.Mounts.map(({ Type, Source, Destination, RW }) => ({ Type, Source, Destination, RW })),
    ).toEqual(
      expect.arrayContaining([
        { Type: 'bind', Source: rig.socketDirectory, Destination: '/run/engine', RW: true },
        { Type: 'bind', Source: modelDirectory, Destination: '/models/0', RW: false },
      ]),
    );
    expect(found.Mounts).toHaveLength(2);
  });

  test('is sealed, as a program inside finds it', async () => {
    const host = rig.host(nodeId);
    const log = () => host.tailLog(runtime, 10);
    await expect.poll(log, { timeout: 20_000 }).toEqual([expect.stringMatching(/^\{.*\}$/)]);
    const seen = JSON.parse((await log()).join(''));
    const none = '0000000000000000';
    expect(seen).toMatchObject({
      uid: USER,
      gid: 0,
      capabilities: [none, none, none, none, none],
      noNewPrivileges: '1',
      seccomp: '2',
      interfaces: ['lo'],
      routes: 0,
      hostname: 'runtime',
      hosts: expect.arrayContaining(['127.0.0.1\truntime']),
      init: 'docker-init',
      oomScoreAdj: '500',
      openFiles: ['16384', '16384'],
      writes: {
        '/file': 'EROFS',
        '/etc/file': 'EROFS',
        '/usr/bin/node': 'EROFS',
        '/models/0/file': 'EROFS',
        '/dev/shm/file': 'written',
        '/tmp/file': 'written',
        '/cache/file': 'written',
        '/run/engine/file': 'written',
      },
      model: ['weights'],
      environment: ['HOME', 'HOSTNAME', 'MODE', 'PATH'],
      mounts: {
        '/': { type: 'overlay', options: expect.arrayContaining(['ro']) },
        '/tmp': {
          type: 'tmpfs',
          options: expect.arrayContaining(['rw', 'nosuid', 'nodev', 'noexec', `size=${8 * 1024}k`]),
        },
        '/cache': {
          type: 'tmpfs',
          options: expect.arrayContaining(['rw', 'nosuid', 'nodev', `size=${16 * 1024}k`]),
        },
        '/dev/shm': {
          type: 'tmpfs',
          options: expect.arrayContaining(['nosuid', 'nodev', 'noexec', `size=${4 * 1024}k`]),
        },
        '/models/0': { options: expect.arrayContaining(['ro']) },
        '/run/engine': { options: expect.arrayContaining(['rw']) },
      },
    });
    expect(seen.mounts['/cache'].options).not.toContain('noexec');
    // What every container gets, and nothing of the machine's; `core` only where the kernel has it.
    expect(seen.devices.filter((name: string) => name !== 'core')).toEqual(
      'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(' '),
    );
  });

  test('is bounded by the kernel, in memory, processes and processors', async () => {
    const { State } = await rig.docker.getContainer(runtime.id).inspect();
    const groups = (await readFile(`/proc/${State.Pid}/cgroup`, 'utf8')).trim().split('\n');
    const read = async (controller: string, file: string) => {
      const [, , path = ''] =
        groups
          .map((line) => line.split(':'))
          .find(([, names]) => names === '' || names?.split(',').includes(controller)) ?? [];
      const isOne = groups.length === 1; // one hierarchy for all: version 2
      return (await readFile(`/sys/fs/cgroup/${isOne ? '' : controller}${path}/${file}`, 'utf8')).trim();
    };
    if (groups.length === 1) {
      expect(await read('memory', 'memory.max')).toBe(String(192 * MIB));
      expect(await read('memory', 'memory.swap.max')).toBe('0');
      expect(await read('cpu', 'cpu.max')).toBe('50000 100000');
    } else {
      expect(await read('memory', 'memory.limit_in_bytes')).toBe(String(192 * MIB));
      expect(await read('memory', 'memory.memsw.limit_in_bytes')).toBe(String(192 * MIB));
      expect(await read('cpu', 'cpu.cfs_quota_us')).toBe('50000');
    }
    expect(await read('pids', 'pids.max')).toBe('48');
  });
});
