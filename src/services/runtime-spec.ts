// Which Runtime the configuration in force asks for on this node: pure, so that equal input gives an equal hash.
import type { RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import type { SpecRef } from '../machines/runtime/runtime-events.js';
import type { ConfigSnapshot } from '../protocol/config-snapshot.js';
import { digestOf } from '../protocol/digest.js';

/** What the Runtime's chart knows of a spec. */
export const specRefOf = ({ specHash, models }: RuntimeSpec): SpecRef => ({
  specHash,
  models: models.map(({ digest }) => digest),
});

export interface SpecChoice {
  readonly config: ConfigSnapshot;
  /** The snapshot's name. */
  readonly configDigest: string;
  /** The engine this node runs, a key of the engine table. */
  readonly engine: string;
  /** Models one start of the engine can serve. */
  readonly maxModels: number;
  /** Directory of an installed model; `null` where the engine brings its own weights; undefined: not installed. */
  readonly pathOf: (digest: string) => string | null | undefined;
  /** The owner's bound on concurrent requests, if any. */
  readonly slots: number | undefined;
  /** UUIDs of the GPUs the engine may use. */
  readonly gpus: readonly string[];
}

/**
 * The first listed models that are enabled, made for this engine and installed.
 * @returns undefined when there is nothing to serve
 */
export const chooseRuntimeSpec = ({
  config,
  configDigest,
  engine,
  maxModels,
  pathOf,
  slots,
  gpus,
}: SpecChoice): RuntimeSpec | undefined => {
  const models = config.models
    .filter((model) => model.enabled && model.engines.includes(engine))
    .flatMap(({ id, digest, tasks, context_tokens }) => {
      const path = pathOf(digest);
      return path === undefined ? [] : [{ id, digest, path: path ?? undefined, tasks, context_tokens }];
    })
    .slice(0, maxModels);
  if (models.length === 0) return undefined;
  const entry = config.runtimes.find((runtime) => runtime.engine === engine);
  const maxConcurrent = Math.min(entry?.max_concurrent ?? 1, slots ?? Number.POSITIVE_INFINITY);
  const spec = {
    engine,
    models: models.map(({ context_tokens: _, ...model }) => model),
    maxConcurrent,
    contextTokens: Math.max(...models.map(({ context_tokens }) => context_tokens)),
    image: entry?.image,
    bridgeImage: entry?.bridge_image,
    flags: sorted(entry?.flags ?? {}),
    gpus: [...gpus].sort(),
    memoryBytes: entry?.memory_bytes,
    sharedMemoryBytes: entry?.shm_bytes,
  };
  return {
    specHash: digestOf(JSON.stringify(spec)),
    ...spec,
    origin: { network: config.network, configDigest },
  };
};

/** The order in which the configuration lists them means nothing. */
const sorted = (flags: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(flags).sort(([one], [other]) => (one < other ? -1 : 1)));
