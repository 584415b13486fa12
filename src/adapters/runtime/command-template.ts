// A command as the owner or an engine definition writes it: a list of arguments with placeholders, never a line for
// a shell. Values come from the network's configuration, so none of them may turn into an option.
import type { RuntimeSpec } from './runtime-driver.js';
import { RuntimeStartError } from './runtime-errors.js';

/** Where the engine has to listen. */
export type ListenTarget =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly port: number };

/** What is started: program, arguments, and what is added to the minimal environment. */
export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a spec becomes a command. Engine definitions have their own; `commandTemplate` serves the owner's. */
export interface CommandSource {
  readonly listen: ListenTarget['kind'];
  /** @throws RuntimeStartError the spec cannot be put into this command */
  build(spec: RuntimeSpec, listen: ListenTarget): Command;
}

const PLACEHOLDER = /\{([a-z_]+)\}/g;
const PLACEHOLDERS = [
  'socket',
  'port',
  'model_path',
  'model_id',
  'models',
  'context_tokens',
  'max_concurrent',
];

/**
 * @param template program and arguments. `{models}` repeats its argument for each model as `id:task`, with the tasks
 *   joined by commas. With `{port}` anywhere the engine listens on a loopback port, otherwise on `{socket}`.
 * @throws RuntimeStartError the template is empty or names an unknown placeholder
 */
export const commandTemplate = (template: readonly string[]): CommandSource => {
  const [program, ...parameters] = template;
  if (program === undefined || program === '') throw refuse('is empty', 'Give the program to start.');
  const names = template.flatMap((part) => [...part.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
  const unknown = names.find((name) => !PLACEHOLDERS.includes(name));
  if (unknown !== undefined) {
    const known = PLACEHOLDERS.map((name) => `{${name}}`).join(' ');
    throw refuse(`has an unknown placeholder {${unknown}}`, `Use one of ${known}.`);
  }
  return {
    listen: names.includes('port') ? 'tcp' : 'unix',
    build(spec, listen) {
      const values = valuesOf(spec, listen);
      return {
        program: fill(program, values),
        arguments: parameters.flatMap((part) =>
          part.includes('{models}')
            ? spec.models.map((model) =>
                fill(part, { ...values, models: `${checkedId(model.id)}:${model.tasks.join(',')}` }),
              )
            : [fill(part, values)],
        ),
      };
    },
  };
};

type Values = Readonly<Record<string, string | undefined>>;

const valuesOf = (spec: RuntimeSpec, listen: ListenTarget): Values => {
  // `{model_id}` and `{model_path}` mean something only where there is one model.
  const only = spec.models.length === 1 ? spec.models[0] : undefined;
  return {
    socket: listen.kind === 'unix' ? listen.path : undefined,
    port: listen.kind === 'tcp' ? String(listen.port) : undefined,
    model_id: only === undefined ? undefined : checkedId(only.id),
    model_path: only?.path,
    context_tokens: String(spec.contextTokens),
    max_concurrent: String(spec.maxConcurrent),
  };
};

const fill = (part: string, values: Values): string =>
  part.replace(PLACEHOLDER, (_, name: string) => {
    const value = values[name];
    if (value === undefined) {
      throw refuse(
        `asks for {${name}}, which this configuration does not give`,
        'One model with files of its own is needed for {model_id} and {model_path}; {socket} and {port} exclude each other.',
      );
    }
    return value;
  });

/** An id that begins with a dash would be read as an option. */
const checkedId = (id: string): string => {
  if (/^[^\s-][^\s]*$/u.test(id) && !/\p{Cc}/u.test(id)) return id;
  throw refuse('cannot carry a model id that looks like an option or holds blanks', 'Rename the model.');
};

const refuse = (what: string, advice: string): RuntimeStartError =>
  new RuntimeStartError(`the engine's command ${what}`, { advice, details: { reason: 'command' } });
