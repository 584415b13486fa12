// The body of a container, and what is found altered on one.
import { expect, test } from 'vitest';
import { alteredFields } from '../../../../src/adapters/runtime-host/docker/compare-container.js';
import { containerBody, containerName } from '../../../../src/adapters/runtime-host/docker/container-body.js';
import { containerSpec, MIB } from '../container-specs.js';
import { inspectionOf } from './inspection-of.js';

const owner = { nodeId: '0xABCDEF0123456789abcdef0123456789abcdef01', agentVersion: '0.1.0' };

test('names the container by the first twelve hex digits of the node id', () => {
  expect(containerName(owner.nodeId)).toBe('resultity-runtime-abcdef012345');
});

test('seals the container and bounds what it may take', () => {
  const body = containerBody(containerSpec(), owner, 'none');
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
    Tmpfs: { '/tmp': `rw,noexec,nosuid,nodev,size=${8 * MIB},mode=1777` },
    Mounts: [{ Type: 'volume', Source: 'sockets', Target: '/run/engine', ReadOnly: false }],
    DeviceRequests: [],
    LogConfig: { Type: 'local', Config: { 'max-size': '10m', 'max-file': '2' } },
    Ulimits: [{ Name: 'nofile', Soft: 65_536, Hard: 65_536 }],
  });
  expect(body).toMatchObject({
    Hostname: 'runtime',
    Env: ['MODE=test'],
    User: '2000:0',
    StopSignal: 'SIGTERM',
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
  expect(containerBody(spec, owner, 'toolkit').HostConfig.DeviceRequests).toEqual([
    { Driver: '', DeviceIDs: ['GPU-1'], Capabilities: [['gpu']] },
  ]);
  expect(containerBody(spec, owner, 'cdi').HostConfig.DeviceRequests).toEqual([
    { Driver: 'cdi', DeviceIDs: ['nvidia.com/gpu=GPU-1'] },
  ]);
  expect(() => containerBody(spec, owner, 'none')).toThrow(
    expect.objectContaining({ code: 'CONTAINER_START_FAILED', details: { trouble: 'gpu' } }),
  );
});

test('finds nothing altered on what was asked', () => {
  const body = containerBody(containerSpec(), owner, 'none');
  expect(alteredFields(inspectionOf(body), body)).toEqual([]);
});

test('names each field that somebody altered', () => {
  const body = containerBody(containerSpec(), owner, 'none');
  const sound = inspectionOf(body);
  const found = {
    ...sound,
    Config: { ...sound.Config, Env: ['PATH=/bin'] },
    HostConfig: { ...sound.HostConfig, NetworkMode: 'host', CapAdd: ['SYS_ADMIN'], Memory: 1 },
    Mounts: [...sound.Mounts, { Type: 'bind', Source: '/', Destination: '/host', RW: true }],
    NetworkSettings: { Networks: { bridge: {} } },
  };
  expect(alteredFields(found, body)).toEqual([
    'HostConfig.NetworkMode',
    'HostConfig.CapAdd',
    'NetworkSettings.Networks',
    'Config.Env',
    'HostConfig.Memory',
    'Mounts',
  ]);
  expect(alteredFields(found, undefined)).toEqual([
    'HostConfig.NetworkMode',
    'HostConfig.CapAdd',
    'NetworkSettings.Networks',
  ]);
});
