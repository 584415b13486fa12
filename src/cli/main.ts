#!/usr/bin/env node
// The binary: the real process as the commands see it, and the last resort for faults nobody caught.
import { EXIT } from './exit-codes.js';
import { lightProgram } from './light-program.js';
import type { CommandIo } from './output.js';
import { runCommand } from './run-command.js';

const stop = new AbortController();
const abort = (): void => stop.abort();
process.once('SIGTERM', abort);
process.once('SIGINT', abort);

const io: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  isTTY: process.stdout.isTTY === true,
  signal: stop.signal,
};

const lastResort = (fault: unknown): void => {
  const words = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
  process.stderr.write(
    `fatal: ${words}\nPlease report this; what was accepted is in the journal and goes on after a restart.\n`,
  );
  process.exit(EXIT.failure);
};
process.on('uncaughtException', lastResort);
process.on('unhandledRejection', lastResort);
// A reader that went away (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
});

const words = process.argv.slice(2);
const program =
  (await lightProgram(words[0], io, process)) ?? (await import('./program.js')).createProgram(io, process);
const code = await runCommand(program, words, io);
if (code !== EXIT.ok) process.exitCode = code;
