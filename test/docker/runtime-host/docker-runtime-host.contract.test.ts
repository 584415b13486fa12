// A real Docker Engine, held to the contract of container engines.
import { describe, inject } from 'vitest';
import { describeRuntimeHost } from '../../adapters/runtime-host/runtime-host.contract.js';
import { createDockerRig, randomNodeId } from './docker-rig.js';

const socketPath = inject('engineSocket');

describe.skipIf(socketPath === null)('with a Docker Engine', () => {
  describeRuntimeHost('Docker', async () => {
    const rig = await createDockerRig(socketPath ?? '');
    const node = randomNodeId();
    const host = rig.host(node);
    return {
      host,
      again: rig.host(node),
      neighbour: rig.host(randomNodeId()),
      spec: (seed) => rig.spec(undefined, seed === undefined ? {} : { environment: { SEED: seed } }),
      crash: async (ref, code) => {
        await rig.isUp(host, ref);
        await rig.docker.getContainer(ref.id).kill({ signal: code === 0 ? 'SIGUSR2' : 'SIGHUP' });
      },
      pause: ({ id }) => rig.docker.getContainer(id).pause(),
      unpause: ({ id }) => rig.docker.getContainer(id).unpause(),
      remove: ({ id }) => rig.docker.getContainer(id).remove({ force: true }),
      cleanUp: () => rig[Symbol.asyncDispose](),
    };
  });
});
