// Runs a commander program to its exit code: nothing below the real main function ends the process.
import type { Command } from 'commander';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js';
import { type CommandIo, printError } from './output.js';

/** Makes a command and all below it throw instead of exit, and speak through `io`. */
export const bindCommand = (command: Command, io: CommandIo): Command => {
  command.exitOverride().configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  for (const child of command.commands) bindCommand(child, io);
  return command;
};

/** @param args without the interpreter and the script */
export const runCommand = async (
  command: Command,
  args: readonly string[],
  io: CommandIo,
): Promise<ExitCode> => {
  try {
    await bindCommand(command, io).parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (caught) {
    printError(io, caught, { json: args.includes('--json') });
    return exitCodeOf(caught);
  }
};
