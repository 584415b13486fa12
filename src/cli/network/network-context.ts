// What the network's commands share: where the network lives, how to reach it, and in which form to answer.
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type AdminClient, createAdminClient } from '../../network/admin/admin-client.js';
import { networkPaths } from '../../network/main/network-paths.js';
import { type CommandIo, printJson } from '../output.js';

/** Variables of the network's commands; the node's configuration must not take them for mistakes. */
export const NETWORK_VARIABLES = {
  dataDir: 'RESULTITY_NETWORK_DATA_DIR',
  smtpUrl: 'RESULTITY_NETWORK_SMTP_URL',
  smtpUrlFile: 'RESULTITY_NETWORK_SMTP_URL_FILE',
} as const;

export interface SharedOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** Adds the options every verb has, and examples below its help. */
export const shared = (command: Command, examples: readonly string[]): Command =>
  command
    .option('--data-dir <directory>', `where the network keeps its state (env: ${NETWORK_VARIABLES.dataDir})`)
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((line) => `  $ resultity-node network ${line}`).join('\n')}`,
    );

/** Flag, then variable, then the place for state of the XDG base directory specification. */
export const dataDirOf = (options: SharedOptions, env: CommandIo['env']): string => {
  const state = nonEmpty(env.XDG_STATE_HOME) ?? join(nonEmpty(env.HOME) ?? homedir(), '.local', 'state');
  return options.dataDir ?? nonEmpty(env[NETWORK_VARIABLES.dataDir]) ?? join(state, 'resultity-network');
};

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

export const adminOf = (options: SharedOptions, { env }: CommandIo): AdminClient => {
  const { root, adminSocket } = networkPaths(dataDirOf(options, env));
  return createAdminClient(adminSocket, root);
};

/** JSON for a program, or whatever shows the same to a person. */
export const answer = <T extends object>(
  io: CommandIo,
  options: SharedOptions,
  data: T,
  show: (data: T) => void,
): void => {
  if (options.json === true) printJson(io, data);
  else show(data);
};

/** `2026-11-23 07:23:15Z`: sortable, and the same everywhere. */
export const when = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;
