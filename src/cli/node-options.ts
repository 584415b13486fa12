// What the node's own commands share: the settings as flags, the running daemon, and examples below each help text.
import type { Command } from 'commander';
import { Option } from 'commander';
import { describeConfigKeys, type LoadedConfig, loadConfig } from '../config.js';
import { type ControlClient, createControlClient } from '../console/control-client.js';
import { controlSocketOf } from '../console/control-socket.js';
import { NETWORK_VARIABLES } from './network/network-context.js';
import { type CommandIo, printJson } from './output.js';

export interface NodeOptions extends Readonly<Record<string, unknown>> {
  readonly json?: boolean;
}

/** `--config` and the data directory: enough to find a node that runs. */
export const withPlace = (command: Command, examples: readonly string[]): Command =>
  withExamples(
    command
      .option('--config <file>', 'settings file (env: RESULTITY_CONFIG)')
      .option('--data-dir <directory>', 'where the node keeps its key and state (env: RESULTITY_DATA_DIR)')
      .option('--json', 'print JSON for programs'),
    examples,
  );

/** Of a flag that may be given several times. */
export const collectOption = (one: string, all: readonly string[] = []): readonly string[] => [...all, one];

/** Every setting as a flag, read off the schema. */
export const withSettings = (command: Command, examples: readonly string[]): Command => {
  command
    .option('--config <file>', 'settings file (env: RESULTITY_CONFIG)')
    .option('--json', 'print JSON for programs');
  for (const key of describeConfigKeys()) {
    if (key.flag === null) continue;
    const value =
      key.type === 'boolean'
        ? ''
        : key.type !== 'list'
          ? ` <${key.type}>`
          : key.repeatable
            ? ' <text>'
            : ' <words>';
    const standard = key.default === null ? '' : ` (default: ${key.default})`;
    const again = key.repeatable ? ' May be given several times.' : '';
    const option = new Option(
      `${key.flag}${value}`,
      `${key.description}${again}${standard} (env: ${key.env})`,
    );
    // A flag that says no would stand for yes when it is left out, were there not one that says yes as well.
    if (option.negate) command.addOption(new Option(key.flag.replace('--no-', '--')).hideHelp());
    command.addOption(key.repeatable ? option.argParser(collectOption) : option);
  }
  return withExamples(command, examples);
};

export const withExamples = (command: Command, examples: readonly string[]): Command =>
  command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((line) => `  $ resultity-node ${line}`).join('\n')}`,
  );

/** @throws ConfigError that lists everything wrong at once */
export const settingsOf = (options: NodeOptions, { env }: CommandIo): LoadedConfig =>
  loadConfig({ flags: options, environment: env, otherVariables: Object.values(NETWORK_VARIABLES) });

/** A client for the daemon that holds the configured data directory. */
export const daemonOf = (options: NodeOptions, io: CommandIo): ControlClient => {
  const { config } = settingsOf(options, io);
  return createControlClient(controlSocketOf(config.dataDir), config.dataDir);
};

/** JSON for a program, or whatever shows the same to a person. */
export const answer = <T extends object>(
  io: CommandIo,
  options: NodeOptions,
  data: T,
  show: (data: T) => void,
): void => {
  if (options.json === true) printJson(io, data);
  else show(data);
};
