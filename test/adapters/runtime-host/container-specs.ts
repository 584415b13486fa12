// Specs of containers for tests: one that any engine takes, with what a test wants changed.
import type { ContainerSpec } from '../../../src/adapters/runtime-host/container-spec.js';

export const MIB = 1024 * 1024;

export const containerSpec = (changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
  specHash: `sha256:${'a'.repeat(64)}`,
  image: `sha256:${'1'.repeat(64)}`,
  entrypoint: ['/engine'],
  args: ['--serve'],
  environment: { MODE: 'test' },
  user: '2000:0',
  socketMount: { source: { kind: 'volume', name: 'sockets' }, target: '/run/engine', readOnly: false },
  modelMounts: [],
  tmpfs: [{ target: '/tmp', sizeBytes: 8 * MIB, exec: false }],
  limits: { memoryBytes: 256 * MIB, sharedMemoryBytes: 16 * MIB, pids: 64, cpus: 1 },
  gpus: [],
  stopSignal: 'SIGTERM',
  bridge: undefined,
  labels: { network: 'test', configDigest: `sha256:${'c'.repeat(64)}` },
  ...changes,
});
