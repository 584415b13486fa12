// The command that runs where every megabyte counts is loaded alone: 0.1 s and 10 MB of its own, where the whole tree
// takes 0.4 s and 40 MB.
import { Command } from 'commander';
import type { CommandIo } from './output.js';
import type { Signals } from './start.js';

/** @returns undefined for every other command */
export const lightProgram = async (
  name: string | undefined,
  io: CommandIo,
  signals: Signals,
): Promise<Command | undefined> => {
  if (name !== 'bridge-socket') return undefined;
  const { bridgeSocketCommand } = await import('./bridge-socket.js');
  return new Command('resultity-node').addCommand(bridgeSocketCommand(io, signals));
};
