// One engine process in its own group and session, from its start to the end of its last child.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Command } from './command-template.js';
import { endAll, findLeftovers, groupOf, START_VARIABLE, sendSignal } from './leftovers.js';
import { captureOutput } from './output-capture.js';
import type { RuntimeExit } from './runtime-driver.js';
import { RuntimeStartError } from './runtime-errors.js';
import { type RuntimeRecord, writeRuntimeRecord } from './runtime-record.js';
import { removeStartDirectory, type StartDirectory } from './start-directory.js';

/** How long the pipes of a dead engine are read for its last words. */
const LAST_WORDS_MS = 500;
/** All that an engine gets of the Agent's environment: none of the Agent's secrets is among it. */
const INHERITED = ['PATH', 'HOME', 'LANG'];

export interface EngineProcess {
  /** Settles when the process and its whole group are gone and the directory is removed. Never rejects. */
  readonly gone: Promise<RuntimeExit>;
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Its last lines. */
  tail(): string;
}

/** @throws RuntimeStartError the program cannot be executed */
export const launchEngine = async (
  command: Command,
  directory: StartDirectory,
  extraEnvironment: Readonly<Record<string, string>>,
  logger: Logger,
): Promise<EngineProcess> => {
  const child = await spawned(command, directory, extraEnvironment);
  const { pid } = child;
  if (pid === undefined) throw cannotRun(command.program, new Error('no pid'));
  let record: RuntimeRecord;
  try {
    record = writeRuntimeRecord(directory.path, pid, directory.socketPath);
  } catch (cause) {
    sendSignal(-pid, 'SIGKILL');
    throw new RuntimeStartError('the Runtime cannot be recorded, so it was ended', {
      cause,
      advice: 'Check that the disk with the data directory is not full or read-only.',
      details: { reason: 'directory' },
    });
  }
  const output = captureOutput(logger);
  if (child.stdout !== null) output.follow(child.stdout, 'stdout');
  if (child.stderr !== null) output.follow(child.stderr, 'stderr');

  const end = async (): Promise<RuntimeExit> => {
    const closed = once(child, 'close');
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    // The children of a dead engine hold its GPU and its pipes.
    const { unkillable } = await endAll(() => [...groupOf(record), ...findLeftovers(directory.path)]);
    if (unkillable.length > 0) {
      logger.error(
        { event: 'runtime.unkillable', pids: unkillable },
        'processes of the Runtime cannot be killed',
      );
    }
    await Promise.race([closed, delay(LAST_WORDS_MS, undefined, { ref: false })]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    try {
      await removeStartDirectory(directory.path, directory.socketPath);
    } catch (err) {
      logger.warn(
        { event: 'runtime.directory.kept', err },
        'the directory of a Runtime could not be removed',
      );
    }
    return { code, signal, tail: output.tail(), outOfMemory: false };
  };

  return {
    gone: end(),
    signal(signal) {
      // Until the leader has been waited for, its number cannot have been given to another group.
      if (child.exitCode === null && child.signalCode === null) sendSignal(-pid, signal);
    },
    tail: () => output.tail(),
  };
};

const spawned = async (
  { program, arguments: parameters, environment }: Command,
  directory: StartDirectory,
  extra: Readonly<Record<string, string>>,
): Promise<ChildProcess> => {
  if (program.includes('/') && !isAbsolute(program)) {
    throw new RuntimeStartError(`the engine's program ${program} is a relative path`, {
      advice: 'Give its absolute path, or a name found on PATH.',
      details: { reason: 'command', program },
    });
  }
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const env = {
    ...Object.fromEntries(inherited),
    ...extra,
    ...environment,
    [START_VARIABLE]: directory.path,
  };
  try {
    const child = spawn(program, parameters, {
      cwd: directory.path,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // With a pid it runs; without one an `error` event brings the reason, and `once` rejects with it.
    if (child.pid === undefined) await once(child, 'spawn');
    return child;
  } catch (cause) {
    throw cannotRun(program, cause);
  }
};

const cannotRun = (program: string, cause: unknown): RuntimeStartError => {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') {
    return new RuntimeStartError(`the engine's program ${program} was not found`, {
      cause,
      advice: 'Install the engine, or give the absolute path of its program.',
      details: { reason: 'command_not_found', program },
    });
  }
  return new RuntimeStartError(`the engine's program ${program} cannot be executed (${String(code)})`, {
    cause,
    advice: "Make it a program that the Agent's user may execute (chmod +x), built for this machine.",
    details: { reason: 'not_executable', program },
  });
};
