// The body of a sealed container, as the Docker Engine wants it said. Pure, so that each bound can be read and tested
// in one place; what runs inside is for `runtime-body.ts` and `bridge-body.ts` to say.
import { posix } from 'node:path';
import type { ContainerMount, ContainerSpec, ContainerTmpfs } from '../container-spec.js';
import type { HostReport } from '../runtime-host.js';

export interface ContainerOwner {
  readonly nodeId: string;
  readonly agentVersion: string;
}

/** What a body depends on of the engine that is to make the container. */
export interface EngineFacts {
  readonly gpuInjection: HostReport['gpuInjection'];
  /** It cannot raise limits of its user. */
  readonly rootless: boolean;
  /** Whether it can bound swap; where it cannot, it says so and goes on without. */
  readonly swapLimit: boolean;
}

export const LABEL = {
  node: 'io.resultity.node',
  role: 'io.resultity.role',
  spec: 'io.resultity.spec',
  network: 'io.resultity.network',
  config: 'io.resultity.config',
  agent: 'io.resultity.agent',
} as const;

export type ContainerRole = 'runtime' | 'bridge';

/** One name per node and role: the engine refuses a second container of it, which is mutual exclusion for free. */
export const containerName = (nodeId: string, role: ContainerRole = 'runtime'): string =>
  `resultity-${role}-${nodeId.replace(/^0x/i, '').toLowerCase().slice(0, 12)}`;

/** What holds for every container of ours, whatever its spec. */
export const SEAL = {
  IpcMode: 'private',
  ReadonlyRootfs: true,
  Privileged: false,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
} as const;

/** For whoever else stops it, such as an engine that shuts down; we say how long each time. */
const STOP_SECONDS = 10;
/** Open files. An engine without root of its own can lower what it has, but not raise it: modest on purpose. */
const OPEN_FILES = 16_384;

interface DeviceRequest {
  readonly Driver: string;
  readonly DeviceIDs: string[];
  readonly Capabilities?: string[][];
}

interface BodyParts {
  readonly role: ContainerRole;
  /** Its id in this engine. */
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly networkMode: string;
  /** undefined where the network is another container's, and the name with it. */
  readonly hostname: string | undefined;
  readonly mounts: readonly ContainerMount[];
  readonly tmpfs: readonly ContainerTmpfs[];
  readonly limits: ContainerSpec['limits'];
  readonly deviceRequests: DeviceRequest[];
}

// `Mounts`, for `Binds` makes a missing source as root. The engine writes paths in their shortest form.
const mountOf = ({ source, target, readOnly }: ContainerMount) =>
  source.kind === 'bind'
    ? {
        Type: 'bind' as const,
        Source: posix.resolve(source.hostPath),
        Target: posix.resolve(target),
        ReadOnly: readOnly,
      }
    : {
        Type: 'volume' as const,
        Source: source.name,
        Target: posix.resolve(target),
        ReadOnly: readOnly,
        // Or one that is empty is filled with what the image holds there, and given to whom that belongs.
        VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
      };

/** Where the image has the directory, its mode is put back after the mount: only an owner can write there for sure. */
const tmpfsOptions = ({ sizeBytes, exec }: ContainerTmpfs, user: string): string => {
  const [uid, gid] = user.split(':');
  return `rw,${exec ? 'exec' : 'noexec'},nosuid,nodev,size=${sizeBytes},mode=1777,uid=${uid},gid=${gid}`;
};

const ulimits = ({ rootless }: EngineFacts, hasGpus: boolean) =>
  rootless
    ? []
    : [
        { Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
        // GPUs reach memory directly and need it locked.
        ...(hasGpus ? [{ Name: 'memlock', Soft: -1, Hard: -1 }] : []),
      ];

export const containerBody = (
  spec: ContainerSpec,
  owner: ContainerOwner,
  facts: EngineFacts,
  parts: BodyParts,
) => ({
  name: containerName(owner.nodeId, parts.role),
  Image: parts.image,
  Entrypoint: [...parts.entrypoint],
  Cmd: [...parts.args],
  Env: Object.entries(parts.environment).map(([name, value]) => `${name}=${value}`),
  User: spec.user,
  ...(parts.hostname === undefined ? {} : { Hostname: parts.hostname }),
  StopSignal: spec.stopSignal,
  StopTimeout: STOP_SECONDS,
  Healthcheck: { Test: ['NONE'] },
  Labels: {
    [LABEL.node]: owner.nodeId,
    [LABEL.role]: parts.role,
    [LABEL.spec]: spec.specHash,
    [LABEL.network]: spec.labels.network,
    [LABEL.config]: spec.labels.configDigest,
    [LABEL.agent]: owner.agentVersion,
  },
  HostConfig: {
    ...SEAL,
    CapDrop: [...SEAL.CapDrop],
    SecurityOpt: [...SEAL.SecurityOpt],
    NetworkMode: parts.networkMode,
    // Without a network nothing else resolves the container's own name.
    ExtraHosts: parts.hostname === undefined ? [] : [`${parts.hostname}:127.0.0.1`],
    Init: true,
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    OomScoreAdj: 500,
    PidsLimit: parts.limits.pids,
    Memory: parts.limits.memoryBytes,
    MemorySwap: facts.swapLimit ? parts.limits.memoryBytes : -1,
    ShmSize: parts.limits.sharedMemoryBytes,
    NanoCpus: Math.round((parts.limits.cpus ?? 0) * 1e9),
    Tmpfs: Object.fromEntries(parts.tmpfs.map((tmpfs) => [tmpfs.target, tmpfsOptions(tmpfs, spec.user)])),
    Mounts: parts.mounts.map(mountOf),
    DeviceRequests: parts.deviceRequests,
    LogConfig: { Type: 'local', Config: { 'max-size': '10m', 'max-file': '2' } },
    Ulimits: ulimits(facts, parts.deviceRequests.length > 0),
  },
});

export type ContainerBody = ReturnType<typeof containerBody>;
