// From what should run and the engine's definition to one container, as data. Pure: equal input gives an equal hash.
import type { RuntimeSpec } from '../../adapters/runtime/runtime-driver.js';
import type {
  BridgeSpec,
  ContainerMount,
  ContainerSpec,
  DirectorySource,
} from '../../adapters/runtime-host/container-spec.js';
import { digestOf } from '../../protocol/digest.js';
import { type EngineStartInput, engineStart } from './engine-arguments.js';
import type { EngineDefinition } from './engine-definition.js';
import { refuseStart } from './engine-start-error.js';

/** Where a model's files come from. */
export interface ModelSource {
  /** Mounted whole. */
  readonly source: DirectorySource;
  /** Where in it the weights lie, relative, as the engine wants them: a directory or a file; empty: the source itself. */
  readonly weights: string;
}

export interface ContainerRequest {
  readonly definition: EngineDefinition;
  readonly spec: RuntimeSpec;
  /** `uid:gid`, both numeric. */
  readonly user: string;
  /** The directory that is to hold the socket `engine.sock`; `user` may write there. */
  readonly socketSource: DirectorySource;
  /** One for each of the spec's models, in its order; undefined where the engine brings its own weights. */
  readonly modelSources: readonly (ModelSource | undefined)[];
  /** Processors' worth of time; undefined: no bound. */
  readonly cpus: number | undefined;
}

const SOCKET_DIRECTORY = '/run/engine';
const SOCKET = `${SOCKET_DIRECTORY}/engine.sock`;
/** Of an engine that knows only TCP; free for sure, for nothing else runs in the container's network. */
const ENGINE_PORT = 8000;

const modelDirectory = (index: number): string => `/models/${index}`;

/** Keys in order, however the object was put together; what is undefined is left out. */
const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

const imageOf = (definition: EngineDefinition, image: string | undefined, what: string): string =>
  image ??
  refuseStart(
    definition,
    `the configuration names no image for ${what}`,
    'Ask the network to publish one for this engine, or run the engine as a process.',
  );

const gpusOf = (definition: EngineDefinition, gpus: readonly string[]): readonly string[] => {
  const { gpu } = definition.container;
  if (gpu === 'required' && gpus.length === 0) {
    return refuseStart(
      definition,
      'it needs a GPU, and none is given to it',
      'Choose an engine that runs on CPUs, or check the GPUs in the configuration and their driver.',
    );
  }
  return gpu === 'none' ? [] : [...gpus].sort();
};

/** The engine's path of the weights, inside. */
const weightsPath = (definition: EngineDefinition, { weights }: ModelSource, index: number): string => {
  if (weights === '') return modelDirectory(index);
  if (/^\/|(?:^|\/)\.\.?(?:\/|$)|\0/.test(weights)) {
    refuseStart(
      definition,
      `the weights ${JSON.stringify(weights)} lie outside their directory`,
      'Check the model store.',
    );
  }
  return `${modelDirectory(index)}/${weights}`;
};

/** An engine with weights of its own is shown no others. */
const needsFiles = ({ weights }: EngineDefinition): boolean =>
  weights.from === 'directory' || weights.from === 'file';

const bridgeOf = (definition: EngineDefinition, image: string | undefined): BridgeSpec | undefined =>
  definition.listen === 'unix'
    ? undefined
    : {
        image: imageOf(definition, image, 'the bridge to its port'),
        entrypoint: ['resultity-node', 'bridge-socket'],
        args: [`--uds=${SOCKET}`, `--port=${ENGINE_PORT}`],
      };

/**
 * What the container engine is told.
 * @throws EngineStartInvalidError no image, no GPU where one is needed, a flag that is not allowed, …
 */
export const containerSpec = ({
  definition,
  spec,
  user,
  socketSource,
  modelSources,
  cpus,
}: ContainerRequest): ContainerSpec => {
  const { container } = definition;
  const sources = spec.models.map((_, index) => (needsFiles(definition) ? modelSources[index] : undefined));
  const listen: EngineStartInput['listen'] =
    definition.listen === 'unix' ? { kind: 'unix', path: SOCKET } : { kind: 'tcp', port: ENGINE_PORT };
  const start = engineStart(definition, {
    models: spec.models.map(({ id, tasks }, index) => {
      const source = sources[index];
      return { id, tasks, path: source && weightsPath(definition, source, index) };
    }),
    contextTokens: spec.contextTokens,
    maxConcurrent: spec.maxConcurrent,
    flags: spec.flags,
    listen,
  });
  const hashed: Omit<ContainerSpec, 'specHash' | 'labels'> = {
    image: imageOf(definition, spec.image, 'it'),
    entrypoint: container.entrypoint,
    args: start.arguments,
    environment: { ...start.environment, ...container.environment },
    user,
    socketMount: { source: socketSource, target: SOCKET_DIRECTORY, readOnly: false },
    modelMounts: sources.flatMap((source, index): readonly ContainerMount[] =>
      source === undefined ? [] : [{ source: source.source, target: modelDirectory(index), readOnly: true }],
    ),
    tmpfs: container.tmpfs,
    limits: {
      memoryBytes: spec.memoryBytes ?? container.memoryBytes,
      sharedMemoryBytes: spec.sharedMemoryBytes ?? container.sharedMemoryBytes,
      pids: container.pids,
      cpus,
    },
    gpus: gpusOf(definition, spec.gpus),
    stopSignal: definition.process.stopSignal,
    bridge: bridgeOf(definition, spec.bridgeImage),
  };
  return { specHash: digestOf(canonicalJson(hashed)), ...hashed, labels: spec.origin };
};
