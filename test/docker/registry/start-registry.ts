// A real registry on a loopback port, in a process of its own, whose stored bytes a test can get at.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TestRegistry {
  /** `127.0.0.1:port`, as names of images begin. */
  readonly address: string;
  /** Changes what is stored under a digest and served from then on, as a bad disk would, or a bad hand. */
  damage(digest: string, change: (stored: Buffer) => Buffer): Promise<void>;
  /** From now on nothing listens at its address. */
  stop(): Promise<void>;
  /** Stops it, and removes all it kept. */
  remove(): Promise<void>;
}

/** However the tests end, the registry ends with them. */
const COMMAND = ['--pdeathsig', 'TERM', 'docker-registry'];
const START_MS = 10_000;

/** What a registry with `isLocked` asks for; the hash is bcrypt's, with its least cost. */
export const LOGIN = { username: 'operator', password: 'open sesame' } as const;
const HASH = '$2b$04$FAwQadABO8mFuNSdoA0iHOmlpT/UpGzpcvY98UpCfAzU7gw8W0Gi.';

const configuration = (home: string, isLocked: boolean): string =>
  JSON.stringify({
    version: 0.1,
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(home, 'store') }, delete: { enabled: true } },
    // Uploads go on where they began, whichever name the registry is called by.
    http: { addr: '127.0.0.1:0', relativeurls: true },
    ...(isLocked ? { auth: { htpasswd: { realm: 'tests', path: join(home, 'htpasswd') } } } : {}),
  });

/** The registry tells in its log which port it was given. */
const listeningAddress = async (child: ChildProcess): Promise<string> => {
  const said: string[] = [];
  if (child.stderr === null) throw new Error('the registry has no log');
  const impatience = setTimeout(() => child.kill('SIGKILL'), START_MS);
  try {
    for await (const line of createInterface({ input: child.stderr })) {
      const [, address] = /listening on (127\.0\.0\.1:\d+)/.exec(line) ?? [];
      if (address !== undefined) return address;
      said.push(line);
    }
  } finally {
    clearTimeout(impatience);
    child.stderr.resume();
  }
  throw new Error(`the registry did not come up:\n${said.join('\n')}`);
};

/** Says loudly when there is no registry to be started here. */
export const hasRegistry = async (): Promise<boolean> => {
  const probe = spawn('setpriv', [...COMMAND, '--version'], { stdio: 'ignore' });
  const [ending] = await Promise.race([once(probe, 'close'), once(probe, 'error')]);
  if (ending === 0) return true;
  if (process.env.CI === 'true') throw new Error("no registry: install Debian's docker-registry");
  console.warn("SKIPPED: these tests need a registry; install Debian's docker-registry.");
  return false;
};

/** @throws Error with its log when it does not come up */
export const startRegistry = async ({ isLocked = false } = {}): Promise<TestRegistry> => {
  const home = await mkdtemp(join(tmpdir(), 'rn-registry-'));
  await writeFile(join(home, 'config.yml'), configuration(home, isLocked));
  await writeFile(join(home, 'htpasswd'), `${LOGIN.username}:${HASH}\n`);
  const child = spawn('setpriv', [...COMMAND, 'serve', join(home, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its settings come from the file alone.
    env: { PATH: process.env.PATH },
  });
  const closed = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await closed;
  };
  const remove = async (): Promise<void> => {
    await stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const address = await listeningAddress(child);
    return {
      address,
      async damage(digest, change) {
        const hex = digest.replace('sha256:', '');
        const path = join(home, 'store/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
        await writeFile(path, change(await readFile(path)));
      },
      stop,
      remove,
    };
  } catch (cause) {
    await remove();
    throw cause;
  }
};
