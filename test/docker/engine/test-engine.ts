// A Docker Engine of the tests' own: private socket, private images, gone afterwards. It can be killed and started
// again, for that is what engines do to the node.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';

export interface TestEngine {
  readonly socketPath: string;
  readonly docker: Docker;
  /** Ends it as the system would: without live-restore its containers end with it. */
  stop(): Promise<void>;
  /** SIGKILL: containers know nothing of it. */
  kill(): Promise<void>;
  /** Brings the same engine up again. */
  start(): Promise<void>;
  /** Stops it, and removes all it kept. */
  remove(): Promise<void>;
}

export interface TestEngineOptions {
  readonly liveRestore?: boolean;
  /** Where images and containers lie; default: a directory of its own. */
  readonly dataRoot?: string;
}

const START_MS = 60_000;
const STOP_MS = 30_000;

/** Why no engine can be had here; undefined when one can. */
export const engineObstacle = async (): Promise<string | undefined> => {
  if (process.platform !== 'linux') return 'a Docker Engine of the tests needs Linux';
  if (process.getuid?.() !== 0) return 'a Docker Engine of the tests needs root';
  const probe = spawn('dockerd', ['--version'], { stdio: 'ignore' });
  const [ending] = await Promise.race([once(probe, 'close'), once(probe, 'error')]);
  return ending === 0 ? undefined : "there is no dockerd: install Debian's docker.io";
};

/** @throws Error with the last lines of its log, when it does not come up */
export const startTestEngine = async (options: TestEngineOptions = {}): Promise<TestEngine> => {
  // A short path: a socket's must fit 107 bytes.
  const home = await mkdtemp(join(tmpdir(), 'rn-engine-'));
  const socketPath = join(home, 'docker.sock');
  const logPath = join(home, 'dockerd.log');
  const docker = new Docker({ socketPath, host: undefined } as Docker.DockerOptions);
  let daemon: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const log = createWriteStream(logPath, { flags: 'a' });
    // However the tests end, the engine ends with them.
    const child = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'TERM', 'dockerd'],
        ...['--host', `unix://${socketPath}`, '--pidfile', join(home, 'pid')],
        ...['--data-root', options.dataRoot ?? join(home, 'data'), '--exec-root', join(home, 'exec')],
        ...(options.liveRestore === true ? ['--live-restore'] : []),
      ],
      // A group of its own: Ctrl-C is for the tests, which then stop it in order.
      { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    daemon = child;
    const deadline = performance.now() + START_MS;
    while (!(await answers(docker))) {
      if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
        const lines = (await readFile(logPath, 'utf8')).trimEnd().split('\n');
        throw new Error(`the Docker Engine did not come up:\n${lines.slice(-15).join('\n')}`);
      }
      await pause(50);
    }
  };

  /** What it starts in turn. A next engine that meets it dying takes it for running, and gives up. */
  const untilContainerdIsGone = async (): Promise<void> => {
    const pidFile = join(home, 'exec/containerd/containerd.pid');
    const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
    while (pid > 0 && isAlive(pid)) await pause(20);
  };

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const child = daemon;
    daemon = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    const over = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await closed;
    clearTimeout(over);
    await untilContainerdIsGone();
  };

  await start();
  return {
    socketPath,
    docker,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async remove() {
      if (daemon !== undefined) await removeContainers(docker);
      await end('SIGTERM');
      await unmountBelow(home);
      await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
};

const answers = (docker: Docker): Promise<boolean> =>
  docker.ping().then(
    () => true,
    () => false,
  );

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** An engine that is killed leaves its data root mounted, and what is mounted cannot be removed. */
const unmountBelow = async (directory: string): Promise<void> => {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1]);
  for (const point of mounts.filter((path) => path?.startsWith(`${directory}/`)).reverse()) {
    await once(spawn('umount', ['--lazy', point ?? ''], { stdio: 'ignore' }), 'close');
  }
};

const removeContainers = async (docker: Docker): Promise<void> => {
  for (const { Id } of await docker.listContainers({ all: true })) {
    await docker.getContainer(Id).remove({ force: true, v: true });
  }
};
