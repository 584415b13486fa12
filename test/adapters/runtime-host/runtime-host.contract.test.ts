// The container engine in memory, held to the contract; a real one is held to it in `test/docker/runtime-host`.
import { MemoryContainerEngine } from '../../../src/adapters/runtime-host/memory-container-engine.js';
import { MemoryRuntimeHost } from '../../../src/adapters/runtime-host/memory-runtime-host.js';
import type { RuntimeRef } from '../../../src/adapters/runtime-host/runtime-host.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { containerSpec } from './container-specs.js';
import { describeRuntimeHost } from './runtime-host.contract.js';

describeRuntimeHost('in memory', () => {
  const engine = new MemoryContainerEngine();
  const image = `sha256:${'e'.repeat(64)}`;
  engine.images.add(image);
  engine.onStarted = (container) => {
    container.log = ['up'];
  };
  const hostOf = (nodeId: string) => new MemoryRuntimeHost({ engine, nodeId });
  const containerOf = ({ id }: RuntimeRef) => {
    const found = engine.containers.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no container ${id}`);
    return found;
  };
  const node = `0x${'ab'.repeat(20)}`;
  return {
    host: hostOf(node),
    again: hostOf(node),
    neighbour: hostOf(`0x${'cd'.repeat(20)}`),
    spec: (seed = '') => containerSpec({ image, specHash: digestOf(seed) }),
    crash: async (ref, code) => engine.exit(containerOf(ref), code),
    pause: async (ref) => engine.pause(containerOf(ref)),
    unpause: async (ref) => engine.unpause(containerOf(ref)),
    remove: async (ref) => engine.remove(containerOf(ref)),
    cleanUp: async () => {},
  };
});
