// A ContainerSpec as the Docker Engine wants it said. Pure, so that each bound can be read and tested in one place.
import type { ContainerMount, ContainerSpec } from '../container-spec.js';
import type { HostReport } from '../runtime-host.js';
import { startError } from './docker-errors.js';

export interface ContainerOwner {
  readonly nodeId: string;
  readonly agentVersion: string;
}

export const LABEL = {
  node: 'io.resultity.node',
  role: 'io.resultity.role',
  spec: 'io.resultity.spec',
  network: 'io.resultity.network',
  config: 'io.resultity.config',
  agent: 'io.resultity.agent',
} as const;

export const RUNTIME_ROLE = 'runtime';

/** One name per node: the engine refuses a second container of it, which is mutual exclusion for free. */
export const containerName = (nodeId: string): string =>
  `resultity-runtime-${nodeId.replace(/^0x/i, '').toLowerCase().slice(0, 12)}`;

/** What holds for every Runtime, whatever its spec. */
export const SEAL = {
  NetworkMode: 'none',
  IpcMode: 'private',
  ReadonlyRootfs: true,
  Privileged: false,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
} as const;

const mountOf = ({ source, target, readOnly }: ContainerMount) =>
  source.kind === 'bind'
    ? { Type: 'bind' as const, Source: source.hostPath, Target: target, ReadOnly: readOnly }
    : { Type: 'volume' as const, Source: source.name, Target: target, ReadOnly: readOnly };

const deviceRequests = (gpus: readonly string[], injection: HostReport['gpuInjection']) => {
  if (gpus.length === 0) return [];
  if (injection === 'none') throw startError('gpu', 'the container engine has no way to hand out GPUs');
  if (injection === 'cdi') return [{ Driver: 'cdi', DeviceIDs: gpus.map((gpu) => `nvidia.com/gpu=${gpu}`) }];
  // An empty driver lets the engine choose.
  return [{ Driver: '', DeviceIDs: [...gpus], Capabilities: [['gpu']] }];
};

/**
 * @param injection how this engine hands out GPUs
 * @throws ContainerStartError `gpu` when GPUs are asked for and it cannot, `spec` for a bridge
 */
export const containerBody = (
  spec: ContainerSpec,
  owner: ContainerOwner,
  injection: HostReport['gpuInjection'],
) => {
  if (spec.bridge !== undefined) throw startError('spec', 'bridges are not supported yet');
  const { limits } = spec;
  return {
    name: containerName(owner.nodeId),
    Image: spec.image,
    Entrypoint: [...spec.entrypoint],
    Cmd: [...spec.args],
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    User: spec.user,
    // Docker's own choice, twelve hex digits, may be all digits, and some libraries take that for an address.
    Hostname: 'runtime',
    StopSignal: spec.stopSignal,
    Healthcheck: { Test: ['NONE'] },
    Labels: {
      [LABEL.node]: owner.nodeId,
      [LABEL.role]: RUNTIME_ROLE,
      [LABEL.spec]: spec.specHash,
      [LABEL.network]: spec.labels.network,
      [LABEL.config]: spec.labels.configDigest,
      [LABEL.agent]: owner.agentVersion,
    },
    HostConfig: {
      ...SEAL,
      CapDrop: [...SEAL.CapDrop],
      SecurityOpt: [...SEAL.SecurityOpt],
      // Without a network nothing else resolves the container's own name.
      ExtraHosts: ['runtime:127.0.0.1'],
      Init: true,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      OomScoreAdj: 500,
      PidsLimit: limits.pids,
      Memory: limits.memoryBytes,
      MemorySwap: limits.memoryBytes,
      ShmSize: limits.sharedMemoryBytes,
      NanoCpus: Math.round((limits.cpus ?? 0) * 1e9),
      Tmpfs: Object.fromEntries(
        spec.tmpfs.map(({ target, sizeBytes, exec }) => [
          target,
          `rw,${exec ? 'exec' : 'noexec'},nosuid,nodev,size=${sizeBytes},mode=1777`,
        ]),
      ),
      // `Mounts`, for `Binds` makes a missing source as root.
      Mounts: [spec.socketMount, ...spec.modelMounts].map(mountOf),
      DeviceRequests: deviceRequests(spec.gpus, injection),
      LogConfig: { Type: 'local', Config: { 'max-size': '10m', 'max-file': '2' } },
      Ulimits: [
        { Name: 'nofile', Soft: 65_536, Hard: 65_536 },
        // GPUs reach memory directly and need it locked.
        ...(spec.gpus.length === 0 ? [] : [{ Name: 'memlock', Soft: -1, Hard: -1 }]),
      ],
    },
  };
};

export type ContainerBody = ReturnType<typeof containerBody>;
