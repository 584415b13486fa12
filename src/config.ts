// The settings of the node, parsed once: flags, then environment, then file, then defaults. Whatever is wrong with them
// is told at once, and each value remembers where it came from.
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type Environment, unknownVariables } from './config/config-environment.js';
import { ConfigError, type ConfigProblem } from './config/config-error.js';
import { readConfigFile, usualFile } from './config/config-file.js';
import { CONFIG_FILE_ENV, type ConfigKey, describeConfigKeys } from './config/config-keys.js';
import { brokenRules } from './config/config-rules.js';
import { configSchema, type ParsedConfig } from './config/config-schema.js';
import { type NetworkChoice, networksOf } from './config/network-settings.js';
import { type Origin, type Setting, showOrigin } from './config/origin.js';
import { Secret } from './config/secret.js';
import { settleNetworks } from './config/settle-networks.js';
import { readText, settle } from './config/text-value.js';

export type Config = Readonly<
  Omit<ParsedConfig, 'passphrase' | 'runtime' | 'console' | 'networkUrl' | 'networkGenesis' | 'networks'> & {
    /** In the owner's order, the preferred one first; empty where none is set. */
    networks: readonly NetworkChoice[];
    runtime: Readonly<
      Omit<ParsedConfig['runtime'], 'command' | 'gpus'> & {
        command?: readonly string[] | undefined;
        gpus?: readonly string[] | undefined;
      }
    >;
    console: Readonly<
      Omit<ParsedConfig['console'], 'hosts' | 'classicOrigins'> & {
        hosts?: readonly string[] | undefined;
        classicOrigins?: readonly string[] | undefined;
      }
    >;
    passphrase?: Secret;
  }
>;

export interface LoadedConfig {
  readonly config: Config;
  /** By key, e.g. `runtime.driver`; unset keys without a default have none. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** The configuration file that was read. */
  readonly file: string | undefined;
}

export interface ConfigSources {
  /** A flag parser's result, by attribute (`runtimeDriver`, `config`); what is no setting is left alone. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly environment: Environment;
  /** RESULTITY_ variables that other parts of the program read. */
  readonly otherVariables?: readonly string[];
  /** What the system says when not told: for tests. */
  readonly workingDirectory?: string;
  readonly uid?: number | undefined;
  readonly systemFile?: string;
}

/** An XDG directory; relative ones are to be ignored, by the XDG Base Directory Specification. */
const xdg = (environment: Environment, variable: string, ...fallback: string[]): string => {
  const set = environment[variable];
  return set !== undefined && isAbsolute(set) ? set : join(environment.HOME || homedir(), ...fallback);
};

/** Root is a system service or a container: /var/lib. Anybody else keeps state in their home, by the XDG rules. */
const defaultDataDir = (environment: Environment, uid: number | undefined): string =>
  uid === 0 ? '/var/lib/resultity' : join(xdg(environment, 'XDG_STATE_HOME', '.local', 'state'), 'resultity');

const put = (tree: Record<string, unknown>, name: string, value: unknown): void => {
  const [first = '', ...rest] = name.split('.');
  if (rest.length === 0) {
    tree[first] = value;
    return;
  }
  const group = (tree[first] ?? {}) as Record<string, unknown>;
  tree[first] = group;
  put(group, rest.join('.'), value);
};

const at = (tree: unknown, name: string): unknown =>
  name
    .split('.')
    .reduce<unknown>(
      (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
      tree,
    );

/** Whether an issue's path is at the setting, or inside its list. */
const isAt = (path: readonly PropertyKey[], name: string): boolean => {
  const whole = path.join('.');
  return whole === name || whole.startsWith(`${name}.`);
};

/** A bad value may be shown where it cannot be a secret. */
const quote = (key: ConfigKey, value: unknown): string =>
  ['choice', 'integer', 'boolean'].includes(key.type) &&
  ['string', 'number', 'boolean'].includes(typeof value)
    ? `${JSON.stringify(String(value).slice(0, 40))} is not accepted`
    : 'the value is not accepted';

/**
 * Reads and checks every setting. An empty variable counts as unset, as composing tools pass it; an empty secret is kept,
 * for its reader to refuse.
 * @throws ConfigError (code CONFIG) with every problem found
 */
export const loadConfig = (sources: ConfigSources): LoadedConfig => {
  const { flags = {}, environment, otherVariables = [], workingDirectory = process.cwd() } = sources;
  const uid = 'uid' in sources ? sources.uid : process.getuid?.();
  const keys = describeConfigKeys();
  const problems: ConfigProblem[] = unknownVariables(environment, keys, otherVariables);
  const settings = new Map<string, Setting>();
  const set = (key: ConfigKey, value: unknown, origin: Origin, base: string): void => {
    settings.set(key.name, { value: settle(key, value, base), origin });
  };

  const named = (typeof flags.config === 'string' && flags.config) || environment[CONFIG_FILE_ENV];
  const file = named
    ? resolve(workingDirectory, named)
    : usualFile(xdg(environment, 'XDG_CONFIG_HOME', '.config'), sources.systemFile);
  if (file !== undefined) {
    const content = readConfigFile(file, keys);
    problems.push(...content.problems);
    for (const { key, value, where } of content.values) {
      set(key, value, { from: 'file', name: where }, dirname(file));
    }
  }
  for (const key of keys) {
    const variable = environment[key.env];
    if (variable !== undefined && (variable !== '' || key.secret)) {
      set(key, readText(key, variable), { from: 'environment', name: key.env }, workingDirectory);
    }
    const flag = flags[key.attribute];
    if (key.flag !== null && flag !== undefined) {
      set(key, readText(key, flag), { from: 'flag', name: key.flag }, workingDirectory);
    }
  }

  const clash = settleNetworks(settings);
  if (clash !== undefined) problems.push(clash);

  const originOf = (name: string): string =>
    showOrigin(settings.get(name)?.origin ?? { from: 'default', name: 'default' });
  const treeWithout = (left: readonly string[]): Record<string, unknown> => {
    const tree: Record<string, unknown> = { dataDir: defaultDataDir(environment, uid) };
    for (const [name, { value }] of settings) if (!left.includes(name)) put(tree, name, value);
    return tree;
  };
  const parsed = configSchema.safeParse(treeWithout([]));
  const wrong = parsed.success
    ? []
    : keys.filter(({ name }) => parsed.error.issues.some(({ path }) => isAt(path, name)));
  for (const key of wrong) {
    const problem = quote(key, settings.get(key.name)?.value);
    problems.push({ key: key.name, origin: originOf(key.name), problem, accepts: `accepts ${key.accepts}` });
  }
  // The rules are tried on what is right so far, and believed where they looked at nothing that is wrong.
  const usable = parsed.success ? parsed : configSchema.safeParse(treeWithout(wrong.map(({ name }) => name)));
  for (const { involves, ...rule } of usable.success ? brokenRules(usable.data) : []) {
    if (wrong.some(({ name }) => involves.includes(name))) continue;
    problems.push({ ...rule, origin: originOf(rule.key) });
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);

  const { passphrase, runtime, networkUrl: _, networkGenesis: __, networks: ___, ...plain } = parsed.data;
  const config: Config = Object.freeze({
    ...plain,
    networks: Object.freeze(networksOf(parsed.data)),
    runtime: Object.freeze({
      ...runtime,
      ...(runtime.command && { command: Object.freeze(runtime.command) }),
      ...(runtime.gpus && { gpus: Object.freeze(runtime.gpus) }),
    }),
    console: Object.freeze({
      ...parsed.data.console,
      ...(parsed.data.console.hosts && { hosts: Object.freeze(parsed.data.console.hosts) }),
      ...(parsed.data.console.classicOrigins && {
        classicOrigins: Object.freeze(parsed.data.console.classicOrigins),
      }),
    }),
    ...(passphrase !== undefined && { passphrase: new Secret(passphrase) }),
  });
  const origins: Record<string, Origin> = {};
  for (const { name } of keys) {
    const origin = settings.get(name)?.origin;
    if (origin !== undefined) origins[name] = origin;
    else if (at(config, name) !== undefined) origins[name] = { from: 'default', name: 'default' };
  }
  return { config, origins: Object.freeze(origins), file };
};

export { ConfigError, describeConfigKeys };
