// How commands speak: data on stdout, talk on stderr, JSON with a schema version where a program listens, plain ASCII
// tables where a person does. Colour only on a terminal that wants it.
import Table from 'cli-table3';
import { CommanderError } from 'commander';
import { NodeError, toFailure } from '../errors.js';

/** Version of the JSON that commands print; raised when a member changes its meaning or goes. */
export const SCHEMA_VERSION = 1;

interface Sink {
  write(text: string): unknown;
}

/** The world as a command sees it; a test brings its own. */
export interface CommandIo {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stdout is a terminal. */
  readonly isTTY: boolean;
  /** Aborted by the first signal to stop. */
  readonly signal: AbortSignal;
}

/** The command line is wrong in a way commander cannot see. */
export class UsageError extends NodeError {
  readonly code = 'USAGE';
  readonly retryable = false;
}

/** https://no-color.org, and the habits of other tools. */
const wantsColor = ({ env, isTTY }: CommandIo): boolean => {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== '') return true;
  return isTTY && env.TERM !== 'dumb' && env.CI === undefined;
};

/** Labels and messages come from strangers: no control character may reach a terminal. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');

/** JSON for programs. Bigints are written as strings. */
export const printJson = ({ stdout }: CommandIo, data: object): void => {
  stdout.write(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...data }, bigintAsText)}\n`);
};

const bigintAsText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

/** Columns without lines, so that `grep`, `awk` and a screen reader get along with them. */
export const printTable = (
  io: CommandIo,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void => {
  const bold = (text: string): string => (wantsColor(io) ? `\u001b[1m${text}\u001b[22m` : text);
  const none = { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true };
  const table = new Table({ chars: BARE, style: none, head: head.map(bold) });
  table.push(...rows.map((row) => row.map(printable)));
  io.stdout.write(`${table.toString().replaceAll(/ +$/gm, '')}\n`);
};

const BARE = {
  ...Object.fromEntries(
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'].map(
      (part) => [part, ''],
    ),
  ),
  ...Object.fromEntries(
    ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'].map((part) => [part, '']),
  ),
  middle: '  ',
};

/** Name and value, one pair a line. */
export const printFacts = (io: CommandIo, facts: Readonly<Record<string, string>>): void => {
  const width = Math.max(...Object.keys(facts).map((name) => name.length)) + 2;
  for (const [name, value] of Object.entries(facts)) {
    io.stdout.write(`${name.padEnd(width)}${printable(value)}\n`);
  }
};

export const note = ({ stderr }: CommandIo, text: string): void => {
  stderr.write(`${text}\n`);
};

/** What went wrong, why, and what to do next. Commander has said its own part already. */
export const printError = (io: CommandIo, caught: unknown, options: { readonly json: boolean }): void => {
  if (caught instanceof CommanderError) return;
  const failure = toFailure(caught);
  if (options.json) {
    io.stderr.write(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, error: failure })}\n`);
    return;
  }
  note(io, `error: ${failure.message} [${failure.code}]`);
  if (failure.advice !== undefined) note(io, `  ${failure.advice}`);
};
