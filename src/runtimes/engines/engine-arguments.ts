// Fills a definition's templates in. The result is a program and a list of arguments, never a line for a shell.
import type { EngineDefinition, EngineTask, Placeholder } from './engine-definition.js';
import { flagArguments } from './engine-flags.js';
import { refuseStart } from './engine-start-error.js';

export interface EngineStartInput {
  readonly models: readonly {
    readonly id: string;
    /** What `definition.weights` asks for (see model-weights.ts); undefined where the engine brings its own. */
    readonly path: string | undefined;
    readonly tasks: readonly EngineTask[];
  }[];
  /** Context length in tokens, per request. */
  readonly contextTokens: number;
  /** Requests worked on at once. */
  readonly maxConcurrent: number;
  /** Flags beyond the engine's own, by name without dashes; the empty value is a flag that takes none. */
  readonly flags: Readonly<Record<string, string>>;
  /** Where it has to listen: a Unix socket's path, or a loopback port, as `definition.listen` says. */
  readonly listen:
    | { readonly kind: 'unix'; readonly path: string }
    | { readonly kind: 'tcp'; readonly port: number };
}

export interface EngineStart {
  readonly program: EngineDefinition['process']['program'];
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Bytes of a Unix socket's path before Linux and macOS cut it off or refuse it (sun_path: 108 and 104, with NUL). */
const SOCKET_PATH_BYTES = 103;

type Values = Partial<Record<Placeholder, string>>;

const fill = (definition: EngineDefinition, template: string, values: Values): string =>
  template.replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = values[name as Placeholder];
    return (
      value ??
      refuseStart(
        definition,
        `nothing is known for {${name}}`,
        'Check the model and the listen address in the configuration.',
      )
    );
  });

const checkListen = (definition: EngineDefinition, listen: EngineStartInput['listen']): void => {
  if (definition.listen !== listen.kind) {
    refuseStart(
      definition,
      `it listens on ${definition.listen}, not on ${listen.kind}`,
      'Use the other kind of address.',
    );
  }
  if (listen.kind !== 'unix') return;
  if (Buffer.byteLength(listen.path) > SOCKET_PATH_BYTES) {
    refuseStart(
      definition,
      `the socket's path is longer than ${SOCKET_PATH_BYTES} bytes`,
      'Use a data directory with a shorter path.',
    );
  }
  if (definition.socketSuffix !== null && !listen.path.endsWith(definition.socketSuffix)) {
    refuseStart(definition, `its socket has to end in ${definition.socketSuffix}`, 'Name the socket so.');
  }
};

const checkModels = (definition: EngineDefinition, models: EngineStartInput['models']): void => {
  if (models.length === 0)
    refuseStart(definition, 'no model is configured', 'List a model in the configuration.');
  if (models.length > definition.maxModels) {
    refuseStart(
      definition,
      `it serves ${definition.maxModels} model${definition.maxModels === 1 ? '' : 's'} at once, and ${models.length} are configured`,
      'List fewer models for this engine.',
    );
  }
  for (const { id, path, tasks } of models) {
    // An id that begins with a dash would be read as a flag; the network chooses ids, so this is not theoretical.
    if (!/^[^\s\0-][^\s\0]*$/.test(id)) {
      refuseStart(
        definition,
        `the model id ${JSON.stringify(id)} could be read as a flag`,
        'Rename the model.',
      );
    }
    if (path !== undefined && (!path.startsWith('/') || path.includes('\0'))) {
      refuseStart(definition, `the path of ${id} is not absolute`, 'Give the absolute path of the model.');
    }
    const unknown = tasks.filter((task) => !definition.tasks.includes(task));
    if (unknown.length > 0) {
      refuseStart(
        definition,
        `it does not do ${unknown.join(', ')}, which ${id} is for`,
        'Choose another engine.',
      );
    }
  }
};

const modelValues = (model: EngineStartInput['models'][number] | undefined): Values =>
  model === undefined
    ? {}
    : {
        model_id: model.id,
        model_task:
          model.tasks.length > 0 && model.tasks.every((task) => task === 'embedding') ? 'embedding' : 'chat',
        ...(model.path === undefined ? {} : { model_path: model.path }),
      };

/**
 * What to start, as data.
 * @throws EngineStartInvalidError too many models, an id or a flag that is not allowed, a socket path too long, …
 */
export const engineStart = (definition: EngineDefinition, input: EngineStartInput): EngineStart => {
  checkListen(definition, input.listen);
  checkModels(definition, input.models);
  const first = modelValues(input.models[0]);
  const values: Values = {
    ...first,
    context_tokens: String(input.contextTokens),
    context_tokens_total: String(input.contextTokens * input.maxConcurrent),
    max_concurrent: String(input.maxConcurrent),
    ...(input.listen.kind === 'unix' ? { socket: input.listen.path } : { port: String(input.listen.port) }),
  };
  const onlyEmbedding = input.models.every((model) => modelValues(model).model_task === 'embedding');
  return {
    program: definition.process.program,
    arguments: [
      ...definition.process.arguments.flatMap((argument) => {
        if (typeof argument === 'string') return [fill(definition, argument, values)];
        if ('forEachModel' in argument) {
          return input.models.flatMap((model) =>
            argument.forEachModel.map((part) => fill(definition, part, { ...values, ...modelValues(model) })),
          );
        }
        if ('ifModelPath' in argument) {
          return first.model_path === undefined
            ? []
            : argument.ifModelPath.map((part) => fill(definition, part, values));
        }
        return onlyEmbedding ? argument.ifEmbedding.map((part) => fill(definition, part, values)) : [];
      }),
      ...flagArguments(definition, input.flags),
    ],
    environment: Object.fromEntries(
      Object.entries(definition.process.environment).map(([name, value]) => [
        name,
        fill(definition, value, values),
      ]),
    ),
  };
};
