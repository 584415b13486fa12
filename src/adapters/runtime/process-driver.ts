// Runs an engine as a plain process of this machine: no isolation, for machines without a container engine and for
// development. The process is private in every other way: own group, own directory, nothing of our environment.
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CommandSource, ListenTarget } from './command-template.js';
import { type EngineProcess, launchEngine } from './engine-process.js';
import { endAll, findLeftovers } from './leftovers.js';
import type {
  RuntimeDriver,
  RuntimeExit,
  RuntimeHandlers,
  RuntimeSpec,
  RuntimeStarted,
} from './runtime-driver.js';
import { RuntimeStartError, runningAlready } from './runtime-errors.js';
import { readRuntimeRecord } from './runtime-record.js';
import {
  createStartDirectory,
  listStartDirectories,
  removeStartDirectory,
  type StartDirectory,
} from './start-directory.js';

export interface ProcessDriverOptions {
  readonly command: CommandSource;
  /** Holds one directory per start, mode 0700; normally `<data>/runtime`. */
  readonly directory: string;
  /** Added to PATH, HOME and LANG. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A Runtime that ends within so many milliseconds has not been started. Default 200. */
  readonly settleMs?: number;
  readonly logger: Logger;
}

interface Running {
  /** undefined until it has been made. */
  directory: StartDirectory | undefined;
  phase: 'starting' | 'running' | 'stopping';
  engine: EngineProcess | undefined;
}

export const createProcessDriver = (options: ProcessDriverOptions): RuntimeDriver => {
  const { command, settleMs = 200, environment = {}, logger } = options;
  let current: Running | undefined;
  let starting: Promise<RuntimeStarted> | undefined;

  const start = async (
    spec: RuntimeSpec,
    handlers: RuntimeHandlers,
    signal: AbortSignal,
  ): Promise<RuntimeStarted> => {
    const running: Running = { directory: undefined, phase: 'starting', engine: undefined };
    current = running;
    let engine: EngineProcess;
    let listen: ListenTarget;
    try {
      const directory = await createStartDirectory(options.directory);
      running.directory = directory;
      listen =
        command.listen === 'tcp'
          ? { kind: 'tcp', port: await freePort() }
          : { kind: 'unix', path: directory.socketPath };
      signal.throwIfAborted();
      engine = await launchEngine(command.build(spec, listen), directory, environment, logger);
    } catch (error) {
      current = undefined;
      const { directory } = running;
      if (directory !== undefined) await removeStartDirectory(directory.path, directory.socketPath);
      throw error;
    }
    running.engine = engine;
    const gone = engine.gone.then((exit) => {
      if (current === running) current = undefined;
      return exit;
    });
    await settled(gone, engine, running, signal);
    running.phase = 'running';
    void gone.then((exit) => {
      if (running.phase === 'running') handlers.exited(exit);
    });
    const address =
      listen.kind === 'tcp'
        ? ({ kind: 'tcp', url: `http://127.0.0.1:${listen.port}` } as const)
        : ({ kind: 'unix', path: listen.path, ...ownUid() } as const);
    return { address, adopted: false };
  };

  /** Waits out the first moments, in which a wrong command or argument shows; also those of a stop. */
  const settled = async (
    gone: Promise<RuntimeExit>,
    engine: EngineProcess,
    running: Running,
    signal: AbortSignal,
  ): Promise<void> => {
    const over = new AbortController();
    const kill = (): void => engine.signal('SIGKILL');
    if (signal.aborted || running.phase === 'stopping') kill();
    signal.addEventListener('abort', kill, { once: true });
    const early = await Promise.race([gone, delay(settleMs, undefined, { signal: over.signal })]);
    over.abort();
    signal.removeEventListener('abort', kill);
    const isLeft = signal.aborted || running.phase === 'stopping';
    const exit = early ?? (isLeft ? await gone : undefined);
    signal.throwIfAborted();
    if (exit === undefined) return;
    const { code, signal: endedBy, tail } = exit;
    throw new RuntimeStartError(`the Runtime ended at once (${endedBy ?? `exit code ${code}`})`, {
      advice: 'Read the last lines it wrote, then correct the command or its arguments.',
      details: { reason: 'exited', exitCode: code, signal: endedBy, tail },
    });
  };

  return {
    kind: 'process',

    async prepare() {},

    async reconcile() {
      await starting?.catch(() => {}); // its directory is not a leftover; its failure is told to whoever asked
      for (const directory of await listStartDirectories(options.directory)) {
        if (current?.directory?.path === directory) continue;
        const socketPath = readRuntimeRecord(directory)?.socketPath;
        const { killed, unkillable } = await endAll(() => findLeftovers(directory));
        if (killed > 0) {
          logger.info(
            { event: 'runtime.leftover.ended', directory, killed },
            'ended what an earlier Agent left',
          );
        }
        if (unkillable.length > 0) {
          logger.error(
            { event: 'runtime.unkillable', pids: unkillable },
            'leftovers of a Runtime cannot be killed',
          );
          continue; // the record stays for the next attempt
        }
        await removeStartDirectory(directory, socketPath);
      }
    },

    async start(spec, handlers, signal) {
      signal.throwIfAborted();
      if (starting !== undefined || current !== undefined) throw runningAlready();
      starting = start(spec, handlers, signal);
      try {
        return await starting;
      } finally {
        starting = undefined;
      }
    },

    async stop(graceMs) {
      const running = current;
      if (running === undefined) return;
      const again = running.phase === 'stopping';
      running.phase = 'stopping';
      const { engine } = running;
      if (engine === undefined) {
        await starting?.catch(() => {}); // it fails, for it sees the stop; whoever asked for the start is told
        return;
      }
      if (graceMs <= 0) engine.signal('SIGKILL');
      else if (!again) engine.signal('SIGTERM');
      const over = setTimeout(() => engine.signal('SIGKILL'), Math.max(0, graceMs));
      await engine.gone;
      if (current === running) current = undefined;
      clearTimeout(over);
    },

    tail: async () => current?.engine?.tail() ?? '',
  };
};

const ownUid = (): { ownerUid?: number } =>
  process.getuid === undefined ? {} : { ownerUid: process.getuid() };

/** Free at this moment; an engine that knows no Unix socket has to be quick. */
const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (bound === null || typeof bound === 'string') throw new Error('the system gave no port');
  return bound.port;
};
