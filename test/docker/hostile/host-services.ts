// What the host has that nobody inside may reach: services that count their callers, and secrets to be found.
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');

const listening = async (server: Server, where: { port: number; host: string } | { path: string }) => {
  server.listen(where);
  await once(server, 'listening');
  return server;
};

/** A data directory as the Agent has one: a key, a model, and the directory of the engine's socket. */
const plantData = async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'hostile-'));
  const key = `0x${randomBytes(32).toString('hex')}\n`;
  const keyPath = join(dataDirectory, 'keys', 'node.key');
  await mkdir(join(dataDirectory, 'keys'), { mode: 0o700 });
  await writeFile(keyPath, key, { mode: 0o600 });
  /** One for each container: owned by its user, as the Agent makes it. */
  const socketDirectory = async (uid: number): Promise<string> => {
    const path = await mkdtemp(join(dataDirectory, 'engine-'));
    await chown(path, uid, 0);
    return path;
  };
  const modelDirectory = async (): Promise<string> => {
    const path = await mkdtemp(join(dataDirectory, 'model-'));
    await chmod(path, 0o755);
    await writeFile(join(path, 'config.json'), '{}');
    await chmod(join(path, 'config.json'), 0o666); // only the mount keeps it from being written
    return path;
  };
  return { dataDirectory, key, keyPath, modelDirectory, socketDirectory };
};

const ENVIRONMENT = 'RESULTITY_HOSTILE_SECRET';

export const startHostServices = async () => {
  const data = await plantData();
  const name = `resultity-hostile-${randomBytes(6).toString('hex')}`;
  let calls = 0;
  const greet = () =>
    createServer((socket) => {
      calls += 1;
      socket.on('error', () => {});
      socket.end('host');
    });
  const tcp = await listening(greet(), { host: '0.0.0.0', port: 0 });
  const abstract = await listening(greet(), { path: `\0${name}` });
  const decoyPath = join(data.dataDirectory, 'decoy.sock');
  const decoy = await listening(greet(), { path: decoyPath });
  const resolver = createSocket('udp4', (question, from) => {
    calls += 1;
    resolver.send(question, from.port, from.address);
  });
  resolver.bind(0, '0.0.0.0');
  await once(resolver, 'listening');
  const sharedMemory = join('/dev/shm', name);
  await writeFile(sharedMemory, 'host');
  const secret = randomBytes(16).toString('hex');
  process.env[ENVIRONMENT] = secret;
  const address = tcp.address();
  if (address === null || typeof address === 'string') throw new Error('the service has no port');

  return {
    ...data,
    decoyPath,
    /** How often anything here was reached. */
    calls: () => calls,
    /** What the probes need to know to look for it; nothing they could pass off as found. */
    targets: {
      hostPid: process.pid,
      hostPort: address.port,
      resolverPort: resolver.address().port,
      hostAddresses: Object.values(networkInterfaces())
        .flatMap((all) => all ?? [])
        .filter(({ family, internal }) => family === 'IPv4' && !internal)
        .map(({ address: own }) => own),
      abstractSocket: name,
      sharedMemoryName: name,
      dataDirectory: data.dataDirectory,
      keyPath: data.keyPath,
      keyFromSockets: '../keys/node.key',
      keySha256: sha256(data.key),
      keyBytes: data.key.length,
      environmentSha256: sha256(secret),
      modelFile: '/models/0/config.json',
    },
    async [Symbol.asyncDispose]() {
      delete process.env[ENVIRONMENT];
      for (const server of [tcp, abstract, decoy]) server.close();
      resolver.close();
      await rm(sharedMemory, { force: true });
      await rm(data.dataDirectory, { recursive: true, force: true });
    },
  };
};

export type HostServices = Awaited<ReturnType<typeof startHostServices>>;
