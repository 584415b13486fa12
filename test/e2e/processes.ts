// Real processes of the built binary, for tests that kill them. Everything is on loopback and in temporary directories.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { runCommand } from '../../src/cli/run-command.js';
import { type ControlClient, createControlClient } from '../../src/console/control-client.js';
import { controlSocketOf } from '../../src/console/control-socket.js';
import { type AdminClient, createAdminClient } from '../../src/network/admin/admin-client.js';
import { networkPaths } from '../../src/network/main/network-paths.js';

export const BINARY = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A clean environment: the tester's own settings must not reach the processes. */
const environment = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  NO_COLOR: '1',
});

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** For a node to stop its Runtime at the end of a test; jobs that still run are not waited for longer. */
const NODE_PATIENCE_MS = 3_000;

type CleanUp = () => Promise<unknown>;

let whenOver: (cleanUp: CleanUp) => void = (cleanUp) => onTestFinished(async () => void (await cleanUp()));

/**
 * For a rig that all tests of a file share: what `start` starts lives until `cleanUp` is called, not until a test ends.
 */
export const sharedRig = async <T>(
  start: () => Promise<T>,
): Promise<{ readonly rig: T; readonly cleanUp: () => Promise<void> }> => {
  const kept: CleanUp[] = [];
  const before = whenOver;
  whenOver = (cleanUp) => void kept.unshift(cleanUp);
  const cleanUp = async (): Promise<void> => {
    for (const one of kept.splice(0)) await one();
  };
  try {
    return { rig: await start(), cleanUp };
  } catch (error) {
    await cleanUp();
    throw error;
  } finally {
    whenOver = before;
  }
};

/** What a test's own parts of the rig need done at its end. */
export const atTheEnd = (cleanUp: () => Promise<unknown>): void => whenOver(cleanUp);

/** A temporary directory that goes with the test. Short: Unix sockets live in it. */
export const temporaryDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'rn-'));
  whenOver(() => rm(directory, { recursive: true, force: true }));
  return directory;
};

/** Another place than this process's own, or another time. */
export interface Surroundings {
  /** Program and arguments that run the command, e.g. in a network namespace. */
  readonly within?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

const launch = (args: readonly string[], home: string, around: Surroundings = {}): ChildProcess => {
  const [program = process.execPath, ...rest] = [...(around.within ?? []), process.execPath, BINARY, ...args];
  return spawn(program, rest, {
    env: { ...environment(home), ...around.variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
};

const collect = (child: ChildProcess): { readonly output: { stdout: string; stderr: string } } => {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (text: Buffer) => {
    output.stdout += text;
  });
  child.stderr?.on('data', (text: Buffer) => {
    output.stderr += text;
  });
  return { output };
};

/** Runs a command to its end. */
export const run = (args: readonly string[], home = tmpdir()): Promise<Finished> =>
  new Promise((resolve) => {
    const child = launch(args, home);
    const { output } = collect(child);
    child.on('close', (code) => resolve({ code, ...output }));
  });

/** The same command without a process of its own: where many refusals are asked for, starting Node is what takes long. */
export const runHere = async (args: readonly string[], home = tmpdir()): Promise<Finished> => {
  const output = { stdout: '', stderr: '' };
  const io = {
    stdout: { write: (text: string) => (output.stdout += text) },
    stderr: { write: (text: string) => (output.stderr += text) },
    env: { HOME: home, NO_COLOR: '1' },
    isTTY: false,
    signal: new AbortController().signal,
  };
  const code = await runCommand(createProgram(io, { on: () => {}, off: () => {} }), args, io);
  return { code, ...output };
};

export interface Running {
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<number | null>;
  readonly pid: number;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** A node is asked first, for it takes its Runtime with it; anything else just goes. */
const keep = (child: ChildProcess, patienceMs = 0): Running => {
  const { output } = collect(child);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const kill = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  whenOver(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (patienceMs > 0) child.kill('SIGTERM');
    const over = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await ended;
    clearTimeout(over);
  });
  return { output, ended, pid: child.pid ?? 0, kill };
};

export interface RunningNetwork extends Running {
  readonly url: string;
  readonly port: number;
  readonly genesis: string;
  readonly admin: AdminClient;
}

/** Resolves once the network listens. @param port 0 for any that is free */
export const startNetworkProcess = async (
  directory: string,
  port = 0,
  more: readonly string[] = [],
  around: Surroundings = {},
): Promise<RunningNetwork> => {
  const dataDir = join(directory, 'network');
  const child = launch(
    [
      'network',
      'start',
      '--data-dir',
      dataDir,
      '--port',
      String(port),
      '--page-port',
      '0',
      '--json',
      '--log-level',
      'info',
      ...more,
    ],
    directory,
    around,
  );
  const running = keep(child);
  const line = await firstLine(child, running);
  const { url, genesis } = JSON.parse(line) as { url: string; genesis: string };
  const { adminSocket, root } = networkPaths(dataDir);
  return {
    ...running,
    url,
    genesis,
    port: Number(new URL(url).port),
    admin: createAdminClient(adminSocket, root),
  };
};

const firstLine = (child: ChildProcess, running: Running): Promise<string> =>
  new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('no stdout');
    createInterface({ input: child.stdout }).once('line', resolve);
    void running.ended.then((code) =>
      reject(new Error(`ended with ${code} before its first line:\n${running.output.stderr}`)),
    );
  });

export interface RunningNode extends Running {
  readonly control: ControlClient;
  readonly dataDir: string;
}

export interface NodeProcessOptions {
  readonly tokensPerSecond?: number;
  /** Folder of its data directory inside the given one. */
  readonly name?: string;
  /** More flags for the simulator the node starts. */
  readonly engine?: readonly string[];
  /** Settings of the Runtime, in place of a simulator the node starts. */
  readonly runtime?: readonly string[];
  readonly more?: readonly string[];
  readonly around?: Surroundings;
}

const ownSimulator = ({ tokensPerSecond = 0, engine = [] }: NodeProcessOptions): readonly string[] => [
  ...['--runtime-driver', 'process', '--runtime-engine', 'simulator', '--runtime-command'],
  JSON.stringify([
    process.execPath,
    BINARY,
    'simulate-engine',
    '--uds={socket}',
    '--enable-force-include-usage',
    '--max-model-len={context_tokens}',
    '--max-num-seqs={max_concurrent}',
    `--tokens-per-second=${tokensPerSecond}`,
    ...engine,
    '--served-model-name',
    'demo-chat:chat',
    'demo-embed:embedding',
  ]),
];

/** A node whose Runtime is the simulator at the given speed. Resolves at once; wait with {@link until}. */
export const startNodeProcess = (
  directory: string,
  networkUrl: string,
  options: NodeProcessOptions = {},
): RunningNode => {
  const dataDir = join(directory, options.name ?? 'node');
  const child = launch(
    [
      'start',
      ...['--data-dir', dataDir, '--network-url', networkUrl, '--log-format', 'json', '--log-level', 'debug'],
      ...['--console-port', '0'],
      ...(options.runtime ?? ownSimulator(options)),
      ...(options.more ?? []),
    ],
    directory,
    options.around,
  );
  return {
    ...keep(child, NODE_PATIENCE_MS),
    dataDir,
    control: createControlClient(controlSocketOf(dataDir), dataDir),
  };
};

/** A simulator nobody but the test starts and kills. Resolves once it listens. @param where `--uds=…` or `--port=…` */
export const startEngineProcess = async (
  directory: string,
  where: string,
  options: { readonly models?: readonly string[]; readonly tokensPerSecond?: number } = {},
): Promise<Running & { readonly port: number | undefined }> => {
  const child = launch(
    [
      'simulate-engine',
      where,
      '--enable-force-include-usage',
      `--tokens-per-second=${options.tokensPerSecond ?? 0}`,
      '--served-model-name',
      ...(options.models ?? ['demo-chat:chat', 'demo-embed:embedding']),
    ],
    directory,
  );
  const running = keep(child);
  const { address } = JSON.parse(await firstLine(child, running)) as { address: { url?: string } };
  return { ...running, port: address.url === undefined ? undefined : Number(new URL(address.url).port) };
};

/** Asks again until the answer is true; fails with what was last seen. Errors while asking count as "not yet". */
export const until = async <T>(
  what: string,
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
  limitMs = 30_000,
): Promise<T> => {
  const startedMs = performance.now();
  let last: unknown = 'nothing';
  while (performance.now() - startedMs < limitMs) {
    try {
      const answer = await ask();
      if (holds(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(
    `not within ${limitMs} ms: ${what}; last seen: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  );
};
