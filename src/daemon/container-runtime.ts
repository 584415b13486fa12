// An engine in a container, put together: the Docker Engine, the driver, and where sockets and models lie for both.
import { relative } from 'node:path';
import type { Logger } from 'pino';
import {
  type ContainerDriver,
  type ContainerPlace,
  createContainerDriver,
} from '../adapters/runtime/container-driver.js';
import type { RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import type { ContainerSpec } from '../adapters/runtime-host/container-spec.js';
import type { RuntimeHost } from '../adapters/runtime-host/runtime-host.js';
import { USUAL_CONTAINER_SOCKET } from '../config/container-settings.js';
import type { Config } from '../config.js';
import { containerSpec, type ModelSource } from '../runtimes/engines/container-of.js';
import type { EngineDefinition } from '../runtimes/engines/engine-definition.js';
import { refuseStart } from '../runtimes/engines/engine-start-error.js';
import { modelWeights } from '../runtimes/engines/model-weights.js';
import { AGENT_VERSION } from '../version.js';

export interface RuntimePlaces {
  /** `<data>/runtime` */
  readonly runtime: string;
  /** `<data>/models` */
  readonly models: string;
}

/** @returns what the container engine is told of a spec; exported for its tests */
export const containerOf =
  (definition: EngineDefinition, config: Config['runtime'], { models }: RuntimePlaces) =>
  async (spec: RuntimeSpec, place: ContainerPlace): Promise<ContainerSpec> => {
    const sourceOf = async (path: string | undefined): Promise<ModelSource | undefined> => {
      const weights = path === undefined ? undefined : await modelWeights(definition, path);
      if (path === undefined || weights === undefined) return undefined;
      const { modelsVolume } = config;
      if (modelsVolume !== undefined) {
        return { source: { kind: 'volume', name: modelsVolume }, weights: relative(models, weights) };
      }
      if (place.socketSource.kind === 'bind') {
        return { source: { kind: 'bind', hostPath: path }, weights: relative(path, weights) };
      }
      return refuseStart(
        definition,
        'the container engine does not see the models of a node that runs in a container itself',
        `Mount a volume at ${models} in the node's container, and name it in runtime.modelsVolume.`,
      );
    };
    const bound = config.memoryBytes ?? Number.POSITIVE_INFINITY;
    return containerSpec({
      definition,
      spec: {
        ...spec,
        memoryBytes: Math.min(spec.memoryBytes ?? definition.container.memoryBytes, bound),
      },
      user: place.user,
      socketSource: place.socketSource,
      modelSources: await Promise.all(spec.models.map(({ path }) => sourceOf(path))),
      cpus: config.cpus,
    });
  };

/** Loads what speaks to a Docker Engine only here: a node without containers does without. */
export const createContainerRuntime = async (
  definition: EngineDefinition,
  config: Config['runtime'],
  places: RuntimePlaces,
  nodeId: () => string,
  logger: Logger,
): Promise<{ readonly driver: ContainerDriver; readonly host: RuntimeHost }> => {
  const { createDockerRuntimeHost } = await import('../adapters/runtime-host/docker/docker-runtime-host.js');
  const host = createDockerRuntimeHost({
    socketPath: config.containerSocket ?? USUAL_CONTAINER_SOCKET,
    nodeId,
    agentVersion: AGENT_VERSION,
    logger,
  });
  const directory = config.socketDirectory ?? places.runtime;
  const driver = createContainerDriver({
    host,
    sockets:
      config.socketVolume === undefined
        ? { kind: 'bind', base: directory }
        : { kind: 'volume', name: config.socketVolume, directory },
    agentUid: process.getuid?.() ?? 0,
    containerOf: containerOf(definition, config, places),
    logger,
  });
  return { driver, host };
};
