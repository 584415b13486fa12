// Containers of the hostile image: sealed, by the way every Runtime is started; and weak, to show what the seal is worth.
import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { pino } from 'pino';
import type { DirectorySource } from '../../../src/adapters/runtime-host/container-spec.js';
import { createDockerRuntimeHost } from '../../../src/adapters/runtime-host/docker/docker-runtime-host.js';
import type { RuntimeInspection } from '../../../src/adapters/runtime-host/runtime-host.js';
import { vllmCpu } from '../../../src/runtimes/engines/vllm-cpu.js';
import { containerSpec, MIB } from '../../adapters/runtime-host/container-specs.js';

/** What the sealed container may use; the bombs are told, to try just above. */
export const LIMITS = {
  memoryBytes: 192 * MIB,
  sharedMemoryBytes: 16 * MIB,
  pids: 64,
  cpus: 1,
} as const;
export const NOEXEC = { target: '/scratch', sizeBytes: 8 * MIB, exec: false } as const;

const ENTRYPOINT = ['/usr/bin/python3', '-m', 'hostile'];

export interface HostileRun {
  readonly image: string;
  readonly role: 'probes' | 'names' | 'bomb' | 'serve' | 'plant' | 'swap' | 'fill';
  readonly targets: object;
  readonly uid: number;
  readonly socketSource: DirectorySource;
  readonly modelDirectory: string;
}

export interface RunningContainer extends AsyncDisposable {
  readonly container: Docker.Container;
}

const argumentsOf = ({ role, targets }: HostileRun): string[] => [role, JSON.stringify(targets)];

const pathOf = (source: DirectorySource): string => (source.kind === 'bind' ? source.hostPath : source.name);

const specOf = (run: HostileRun) =>
  containerSpec({
    image: run.image,
    entrypoint: ENTRYPOINT,
    args: argumentsOf(run),
    environment: vllmCpu.container.environment,
    user: `${run.uid}:0`,
    socketMount: {
      source: run.socketSource,
      target: '/run/engine',
      readOnly: false,
    },
    modelMounts: [
      { source: { kind: 'bind', hostPath: run.modelDirectory }, target: '/models/0', readOnly: true },
    ],
    tmpfs: [{ target: '/tmp', sizeBytes: 8 * MIB, exec: true }, NOEXEC],
    limits: LIMITS,
  });

export interface SealedContainer extends RunningContainer {
  inspect(): Promise<RuntimeInspection>;
}

/** Each for a node of its own, for a node has one Runtime. */
export const startSealed = async (
  docker: Docker,
  socketPath: string,
  run: HostileRun,
): Promise<SealedContainer> => {
  const nodeId = `0x${randomBytes(20).toString('hex')}`;
  const logger = pino({ level: 'silent' });
  const host = createDockerRuntimeHost({ socketPath, nodeId: () => nodeId, agentVersion: '0.0.0', logger });
  const ref = await host.start(specOf(run), new AbortController().signal);
  return {
    container: docker.getContainer(ref.id),
    inspect: () => host.inspect(ref),
    async [Symbol.asyncDispose]() {
      await host.stop(ref, 0);
      await host.close();
    },
  };
};

/** What `docker run` gives without a flag, with writable mounts: here the probes must succeed. */
export const startWeak = async (docker: Docker, run: HostileRun): Promise<RunningContainer> => {
  const container = await docker.createContainer({
    name: `resultity-weak-${randomBytes(6).toString('hex')}`,
    Image: run.image,
    Entrypoint: ENTRYPOINT,
    Cmd: argumentsOf(run),
    User: `${run.uid}:0`,
    HostConfig: {
      NetworkMode: 'bridge',
      Tmpfs: { [NOEXEC.target]: 'rw,exec,mode=1777' },
      Mounts: [
        { Type: 'bind', Source: pathOf(run.socketSource), Target: '/run/engine' },
        { Type: 'bind', Source: run.modelDirectory, Target: '/models/0' },
      ],
    },
  });
  const remove = async (): Promise<void> => void (await container.remove({ force: true, v: true }));
  try {
    await container.start();
  } catch (error) {
    await remove();
    throw error;
  }
  return { container, [Symbol.asyncDispose]: remove };
};
