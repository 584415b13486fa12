// The body of a container, and what is found altered on one.
import { expect, test } from 'vitest';
import { bridgeBody } from '../../../../src/adapters/runtime-host/docker/bridge-body.js';
import { alteredFields } from '../../../../src/adapters/runtime-host/docker/compare-container.js';
import { containerName } from '../../../../src/adapters/runtime-host/docker/container-body.js';
import { runtimeBody } from '../../../../src/adapters/runtime-host/docker/runtime-body.js';
import { containerSpec, MIB } from '../container-specs.js';
import { inspectionOf } from './inspection-of.js';

const IMAGE = `sha256:${'1'.repeat(64)}`;
const facts = { gpuInjection: 'none', rootless: false, swapLimit: true } as const;
const owner = { nodeId: '0xABCDEF0123456789abcdef0123456789abcdef01', agentVersion: '0.1.0' };

test('names the container by the first twelve hex digits of the node id', () => {
  expect(containerName(owner.nodeId)).toBe('resultity-runtime-abcdef012345');
});

test('seals the container and bounds what it may take', () => {
  const body = runtimeBody(containerSpec(), owner, facts, IMAGE);
  expect(body.HostConfig).toEqual({
    NetworkMode: 'none',
    IpcMode: 'private',
    ReadonlyRootfs: true,
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges:true'],
    ExtraHosts: ['runtime:127.0.0.1'],
    Init: true,
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    OomScoreAdj: 500,
    PidsLimit: 64,
    Memory: 256 * MIB,
    MemorySwap: 256 * MIB,
    ShmSize: 16 * MIB,
    NanoCpus: 1e9,
    Tmpfs: { '/tmp': `rw,noexec,nosuid,nodev,size=${8 * MIB},mode=1777,uid=2000,gid=0` },
    Mounts: [
      {
        Type: 'volume',
        Source: 'sockets',
        Target: '/run/engine',
        ReadOnly: false,
        VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
      },
    ],
    DeviceRequests: [],
    LogConfig: { Type: 'local', Config: { 'max-size': '10m', 'max-file': '2' } },
    Ulimits: [{ Name: 'nofile', Soft: 16_384, Hard: 16_384 }],
  });
  expect(body).toMatchObject({
    Image: IMAGE,
    Hostname: 'runtime',
    Env: ['MODE=test'],
    User: '2000:0',
    StopSignal: 'SIGTERM',
    StopTimeout: 10,
    Healthcheck: { Test: ['NONE'] },
  });
  expect(body.Labels).toEqual({
    'io.resultity.node': owner.nodeId,
    'io.resultity.role': 'runtime',
    'io.resultity.spec': `sha256:${'a'.repeat(64)}`,
    'io.resultity.network': 'test',
    'io.resultity.config': `sha256:${'c'.repeat(64)}`,
    'io.resultity.agent': '0.1.0',
  });
});

test('asks for GPUs in the way the engine knows', () => {
  const spec = containerSpec({ gpus: ['GPU-1'] });
  const hostConfigWith = (gpuInjection: 'toolkit' | 'cdi' | 'none') =>
    runtimeBody(spec, owner, { ...facts, gpuInjection }, IMAGE).HostConfig;
  expect(hostConfigWith('toolkit')).toMatchObject({
    DeviceRequests: [{ Driver: '', DeviceIDs: ['GPU-1'], Capabilities: [['gpu']] }],
    Ulimits: [{ Name: 'nofile' }, { Name: 'memlock', Soft: -1, Hard: -1 }],
  });
  expect(hostConfigWith('cdi').DeviceRequests).toEqual([
    { Driver: 'cdi', DeviceIDs: ['nvidia.com/gpu=GPU-1'] },
  ]);
  expect(() => hostConfigWith('none')).toThrow(
    expect.objectContaining({ code: 'CONTAINER_START_FAILED', details: { trouble: 'gpu' } }),
  );
});

test('asks nothing of an engine that it cannot do', () => {
  const { HostConfig } = runtimeBody(
    containerSpec(),
    owner,
    { gpuInjection: 'none', rootless: true, swapLimit: false },
    IMAGE,
  );
  expect(HostConfig).toMatchObject({ Ulimits: [], Memory: 256 * MIB, MemorySwap: -1 });
});

test('writes paths as the engine writes them', () => {
  const socketMount = {
    source: { kind: 'bind', hostPath: '/data//sockets/' },
    target: '/run/engine/',
    readOnly: false,
  } as const;
  expect(runtimeBody(containerSpec({ socketMount }), owner, facts, IMAGE).HostConfig.Mounts).toEqual([
    { Type: 'bind', Source: '/data/sockets', Target: '/run/engine', ReadOnly: false },
  ]);
});

const bridge = { image: IMAGE, entrypoint: ['resultity-node', 'bridge-socket'], args: ['--port=8000'] };

test('gives a bridge the network of its Runtime, the directory of the socket and little else', () => {
  const body = bridgeBody({ ...containerSpec(), bridge }, owner, facts, IMAGE, 'f'.repeat(64));
  expect(body).toMatchObject({
    name: 'resultity-bridge-abcdef012345',
    User: '2000:0',
    Env: [],
    Labels: { 'io.resultity.role': 'bridge', 'io.resultity.spec': containerSpec().specHash },
    HostConfig: {
      NetworkMode: `container:${'f'.repeat(64)}`,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      Mounts: [{ Source: 'sockets', Target: '/run/engine' }],
      Memory: 128 * MIB,
      MemorySwap: 128 * MIB,
      PidsLimit: 64,
      Tmpfs: {},
      DeviceRequests: [],
      ExtraHosts: [],
    },
  });
  // The engine refuses a name where the network is another container's.
  expect(body).not.toHaveProperty('Hostname');
});

const imageEnvironment = ['PATH=/bin', 'MODE=image'];

test('finds nothing altered on what was asked', () => {
  const spec = containerSpec({ gpus: ['GPU-1'] });
  const runtime = runtimeBody(spec, owner, { ...facts, gpuInjection: 'cdi' }, IMAGE);
  // What the image says of a variable that was asked for does not count.
  const found = inspectionOf(runtime, ['PATH=/bin']);
  expect(alteredFields(found, { image: IMAGE, body: runtime, imageEnvironment })).toEqual([]);
  expect(alteredFields(found, undefined)).toEqual([]);
  const body = bridgeBody({ ...spec, bridge }, owner, facts, IMAGE, 'f'.repeat(64));
  expect(alteredFields(inspectionOf(body), { image: IMAGE, body, imageEnvironment: [] })).toEqual([]);
});

test('lets an engine add defaults of its own', () => {
  const body = runtimeBody(containerSpec(), owner, facts, IMAGE);
  const sound = inspectionOf(body);
  const { LogConfig, Ulimits } = sound.HostConfig;
  const found = {
    ...sound,
    HostConfig: {
      ...sound.HostConfig,
      LogConfig: { ...LogConfig, Config: { ...LogConfig.Config, compress: 'true' } },
      Ulimits: [{ Name: 'nproc', Soft: 1, Hard: 1 }, ...Ulimits],
    },
  };
  expect(alteredFields(found, { image: IMAGE, body, imageEnvironment: [] })).toEqual([]);
});

test('names each field that somebody altered', () => {
  const body = runtimeBody(containerSpec(), owner, facts, IMAGE);
  const sound = inspectionOf(body);
  const found = {
    ...sound,
    Image: `sha256:${'2'.repeat(64)}`,
    Config: { ...sound.Config, Env: [...sound.Config.Env, 'LD_PRELOAD=/evil.so'], Hostname: 'other' },
    HostConfig: {
      ...sound.HostConfig,
      NetworkMode: 'host',
      CapAdd: ['SYS_ADMIN'],
      Memory: 1,
      Init: false,
      OomScoreAdj: -999,
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 1 }],
      LogConfig: { Type: 'none', Config: {} },
      ExtraHosts: ['runtime:10.0.0.1'],
      DeviceRequests: [{ Driver: '', DeviceIDs: ['GPU-1'], Capabilities: [['gpu']] }],
    },
    Mounts: [...sound.Mounts, { Type: 'bind', Source: '/', Destination: '/host', RW: true }],
    NetworkSettings: { Networks: { bridge: {} } },
  };
  const seal = ['HostConfig.NetworkMode', 'HostConfig.CapAdd', 'NetworkSettings.Networks'];
  expect(alteredFields(found, { image: IMAGE, body, imageEnvironment: [] })).toEqual([
    ...seal,
    'Image',
    'Config.Hostname',
    'Config.Env',
    'HostConfig.Memory',
    'HostConfig.OomScoreAdj',
    'HostConfig.Init',
    'HostConfig.Ulimits',
    'HostConfig.LogConfig',
    'HostConfig.ExtraHosts',
    'HostConfig.DeviceRequests',
    'Mounts',
  ]);
  expect(alteredFields(found, undefined)).toEqual(seal);
});
