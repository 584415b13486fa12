// The container a Runtime's engine runs in: no network at all, its spec's mounts, bounds and GPUs.
import type { ContainerSpec } from '../container-spec.js';
import type { HostReport } from '../runtime-host.js';
import {
  type ContainerBody,
  type ContainerOwner,
  containerBody,
  type EngineFacts,
} from './container-body.js';
import { startError } from './docker-errors.js';

export const RUNTIME_NETWORK = 'none';
// Docker's own choice, twelve hex digits, may be all digits, and some libraries take that for an address.
const HOSTNAME = 'runtime';

const deviceRequests = (gpus: readonly string[], injection: HostReport['gpuInjection']) => {
  if (gpus.length === 0) return [];
  if (injection === 'none') throw startError('gpu', 'the container engine has no way to hand out GPUs');
  if (injection === 'cdi') return [{ Driver: 'cdi', DeviceIDs: gpus.map((gpu) => `nvidia.com/gpu=${gpu}`) }];
  // An empty driver lets the engine choose.
  return [{ Driver: '', DeviceIDs: [...gpus], Capabilities: [['gpu']] }];
};

/**
 * @param image its id in this engine
 * @throws ContainerStartError `gpu` when GPUs are asked for and there is no way to them
 */
export const runtimeBody = (
  spec: ContainerSpec,
  owner: ContainerOwner,
  facts: EngineFacts,
  image: string,
): ContainerBody =>
  containerBody(spec, owner, facts, {
    role: 'runtime',
    image,
    entrypoint: spec.entrypoint,
    args: spec.args,
    environment: spec.environment,
    networkMode: RUNTIME_NETWORK,
    hostname: HOSTNAME,
    mounts: [spec.socketMount, ...spec.modelMounts],
    tmpfs: spec.tmpfs,
    limits: spec.limits,
    deviceRequests: deviceRequests(spec.gpus, facts.gpuInjection),
  });
