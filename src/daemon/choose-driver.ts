// From the owner's configuration to the driver that runs the engine, and the definition that says how to speak to it.
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { EngineAddress, EngineClient } from '../adapters/engine/engine-client.js';
import { createEngineClient } from '../adapters/engine/undici-engine-client.js';
import { type CommandSource, commandTemplate } from '../adapters/runtime/command-template.js';
import { createExternalDriver } from '../adapters/runtime/external-driver.js';
import { createProcessDriver } from '../adapters/runtime/process-driver.js';
import type { RuntimeDriver, RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import type { Config } from '../config.js';
import type { HardwareProfile } from '../protocol/hardware.js';
import { engineStart } from '../runtimes/engines/engine-arguments.js';
import type { EngineDefinition } from '../runtimes/engines/engine-definition.js';
import { engineByKey } from '../runtimes/engines/engines.js';
import { modelWeights } from '../runtimes/engines/model-weights.js';
import type { Canary } from '../services/suspect-silence.js';
import { chooseGpus } from './choose-gpus.js';
import { createContainerRuntime, type RuntimePlaces } from './container-runtime.js';

export interface ChosenRuntime {
  readonly driver: RuntimeDriver;
  readonly definition: EngineDefinition;
  readonly connect: (address: EngineAddress) => EngineClient;
  /** Finds each model's weights before a start. */
  readonly prepare: (spec: RuntimeSpec) => Promise<void>;
  /** The smallest request to the first model. */
  readonly canary: (spec: RuntimeSpec) => Canary | undefined;
  /** Which of this host's GPUs the engine is given; a plain process sees them all. */
  readonly gpus: (hardware: HardwareProfile) => readonly string[];
  /** Digest of the image that runs now; undefined while none does. */
  readonly imageDigest: () => string | undefined;
  /** For the hardware profile; undefined where no container engine is controlled. */
  readonly containerEngine: () => Promise<HardwareProfile['engine']>;
  readonly close: () => Promise<void>;
}

const ENDPOINT = { chat: 'chat.completions', completion: 'completions', embedding: 'embeddings' } as const;

/** The binary of this package, for engines that are this very program started again. */
const OWN_SCRIPT = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** An engine started the way its definition says. @param weights by model directory */
const commandOf = (
  definition: EngineDefinition,
  weights: ReadonlyMap<string, string | undefined>,
): CommandSource => ({
  listen: definition.listen,
  build: (spec, listen) => {
    const models = spec.models.map(({ id, path, tasks }) => ({
      id,
      tasks,
      path: path === undefined ? undefined : weights.get(path),
    }));
    const start = engineStart(definition, {
      models,
      contextTokens: spec.contextTokens,
      maxConcurrent: spec.maxConcurrent,
      flags: spec.flags,
      listen,
    });
    const { arguments: args, environment } = start;
    return start.program.from === 'node'
      ? { program: process.execPath, arguments: [OWN_SCRIPT, ...args], environment }
      : { program: start.program.name, arguments: args, environment };
  },
});

/** A driver, and what only one that runs containers can say. */
type Chosen = Pick<ChosenRuntime, 'driver' | 'gpus' | 'imageDigest' | 'containerEngine' | 'close'>;

const withoutContainers = (driver: RuntimeDriver): Chosen => ({
  driver,
  gpus: () => [],
  imageDigest: () => undefined,
  containerEngine: async () => undefined,
  close: async () => {},
});

const withContainers = (
  { driver, host }: Awaited<ReturnType<typeof createContainerRuntime>>,
  wanted: readonly string[] = ['all'],
): Chosen => ({
  driver,
  gpus: (hardware) => chooseGpus(hardware, wanted),
  imageDigest: driver.imageDigest,
  containerEngine: async () => {
    const { kind, version, apiVersion, gpuInjection, cgroup, rootless } = await host.probe();
    return { kind, version, api_version: apiVersion, gpu_injection: gpuInjection, cgroup, rootless };
  },
  close: () => host.close(),
});

/**
 * @param nodeId asked once there is something to run
 * @throws EngineUnknownError, RuntimeStartError when the owner's command cannot be one
 */
export const chooseRuntime = async (
  config: Config['runtime'],
  places: RuntimePlaces,
  nodeId: () => string,
  logger: Logger,
): Promise<ChosenRuntime> => {
  const definition = engineByKey(config.engine);
  const weights = new Map<string, string | undefined>();
  const choose = async (): Promise<Chosen> => {
    if (config.driver === 'container') {
      const runtime = await createContainerRuntime(definition, config, places, nodeId, logger);
      return withContainers(runtime, config.gpus);
    }
    if (config.driver === 'external') {
      return withoutContainers(createExternalDriver(config.socket ?? config.url ?? ''));
    }
    const command =
      config.command === undefined ? commandOf(definition, weights) : commandTemplate(config.command);
    return withoutContainers(createProcessDriver({ command, directory: places.runtime, logger }));
  };
  return {
    ...(await choose()),
    definition,
    connect: (address) =>
      createEngineClient(address, {
        healthPath: definition.readiness.path,
        versionPath: definition.paths.version,
        metricsPath: definition.paths.metrics,
        metricNames: definition.metrics,
      }),
    canary: ({ models: [model] }) => {
      const task = model?.tasks[0];
      const request = task === undefined ? undefined : definition.canary[task];
      if (model === undefined || task === undefined || request === undefined) return undefined;
      return { endpoint: ENDPOINT[task], request: { ...request.body, model: model.id } };
    },
    prepare: async (spec) => {
      weights.clear();
      for (const { path } of spec.models) {
        if (path !== undefined) weights.set(path, await modelWeights(definition, path));
      }
    },
  };
};
