// The list of settings, read off the schema: one name gives the variable, the flag and the place in the file.
import { z } from 'zod';
import { configSchema } from './config-schema.js';

export type KeyType = 'text' | 'path' | 'integer' | 'boolean' | 'choice' | 'list';

export interface ConfigKey {
  /** As in the file, dots between levels: `runtime.driver`. */
  readonly name: string;
  readonly env: string;
  /** `--runtime-driver`, `--no-console` for what is on by default; null for secrets, which a process list would show. */
  readonly flag: string | null;
  /** The flag's name in a parser's result: `runtimeDriver`. */
  readonly attribute: string;
  readonly type: KeyType;
  /** What is accepted, in words. */
  readonly accepts: string;
  /** The default as text; null when unset is the default. */
  readonly default: string | null;
  readonly description: string;
  readonly secret: boolean;
  /** Its flag may be given several times. */
  readonly repeatable: boolean;
  /** Other spellings of its values. */
  readonly aliases: Readonly<Record<string, string>>;
}

export const ENV_PREFIX = 'RESULTITY_';
/** Names the configuration file itself; by the flag `--config` too. */
export const CONFIG_FILE_ENV = 'RESULTITY_CONFIG';

/** The part of JSON Schema that zod writes for the types the configuration uses. */
const described = z.object({
  type: z.enum(['string', 'integer', 'boolean', 'array', 'object']),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
  accepts: z.string().optional(),
  path: z.literal(true).optional(),
  secret: z.literal(true).optional(),
  repeatable: z.literal(true).optional(),
  flag: z.string().optional(),
  defaultText: z.string().optional(),
  negated: z.string().optional(),
  aliases: z.record(z.string(), z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
type Described = z.infer<typeof described>;

const words = (name: string): string[] => name.split(/\.|(?=[A-Z])/).map((word) => word.toLowerCase());

const typeOf = (found: Described): KeyType => {
  if (found.path) return 'path';
  if (found.enum) return 'choice';
  if (found.type === 'array') return 'list';
  return found.type === 'integer' || found.type === 'boolean' ? found.type : 'text';
};

const acceptsOf = (found: Described): string => {
  if (found.accepts) return found.accepts;
  if (found.enum) return `one of ${found.enum.join(', ')}`;
  if (found.type === 'integer') return `a whole number from ${found.minimum} to ${found.maximum}`;
  return found.type === 'boolean' ? 'true or false' : 'text';
};

const keyOf = (name: string, found: Described): ConfigKey => {
  const parts = words(name);
  const isOn = found.type === 'boolean' && found.default === true;
  const flag = (isOn && found.negated) || (found.flag ?? parts.join('-'));
  return {
    name,
    env: `${ENV_PREFIX}${parts.join('_').toUpperCase()}`,
    flag: found.secret ? null : `--${isOn ? 'no-' : ''}${flag}`,
    attribute: flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    type: typeOf(found),
    accepts: acceptsOf(found),
    default: found.defaultText ?? (found.default === undefined ? null : String(found.default)),
    description: found.description ?? '',
    secret: found.secret ?? false,
    repeatable: found.repeatable ?? false,
    aliases: found.aliases ?? {},
  };
};

const keysOf = (properties: Readonly<Record<string, unknown>>, prefix: string): ConfigKey[] =>
  Object.entries(properties).flatMap(([name, value]) => {
    const found = described.parse(value);
    return found.properties === undefined
      ? [keyOf(prefix + name, found)]
      : keysOf(found.properties, `${prefix}${name}.`);
  });

/** Every setting, in the order of the schema: for `--help`, the documentation and the loader itself. */
export const describeConfigKeys = (): readonly ConfigKey[] =>
  keysOf(described.parse(z.toJSONSchema(configSchema, { io: 'input' })).properties ?? {}, '');
