// The host as it is, to be compared with what it was. Left out is only what other containers of the same engine, or the
// passing of time, change by right.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';

const run = promisify(execFile);

const SETTINGS = [
  ...['core_pattern', 'hostname', 'domainname', 'modprobe', 'sysrq', 'panic', 'randomize_va_space'].map(
    (name) => `kernel/${name}`,
  ),
  ...['overcommit_memory', 'swappiness', 'panic_on_oom'].map((name) => `vm/${name}`),
  ...['ip_forward', 'conf/all/route_localnet', 'conf/all/forwarding'].map((name) => `net/ipv4/${name}`),
];

const settings = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      SETTINGS.map(async (name) => [
        name,
        await readFile(join('/proc/sys', name), 'utf8').catch(() => 'absent'),
      ]),
    ),
  );

/** An engine mounts and unmounts below its own directories, one for each container. */
const mounts = async (engineRoot: string): Promise<readonly string[]> =>
  (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .filter((line) => !line.includes(engineRoot) && !/ (?:overlay|nsfs) |\/rn-engine-|\/netns\//.test(line))
    .sort();

const routes = async (): Promise<readonly string[]> =>
  (await readFile('/proc/net/route', 'utf8'))
    .split('\n')
    .map((line) => line.split('\t').slice(0, 4).join(' '))
    .filter((line) => !line.startsWith('veth'))
    .map((line) => line.replace(/ [\dA-F]{4}$/, '')) // flags: a bridge is up while it has containers
    .sort();

const addresses = (): readonly string[] =>
  Object.entries(networkInterfaces())
    .filter(([name]) => !name.startsWith('veth'))
    .flatMap(([name, all]) => (all ?? []).map(({ address, cidr }) => `${name} ${cidr ?? address}`))
    .filter((line) => !/^docker0 fe80/.test(line)) // there while it has containers
    .sort();

const firewall = async (): Promise<readonly string[]> =>
  (await run('iptables-save')).stdout
    .split('\n')
    .filter((line) => line.startsWith('-A'))
    .sort();

const digestTree = async (path: string): Promise<readonly string[]> => {
  const { mode, uid, gid } = await stat(path);
  const head = `${path} ${mode.toString(8)} ${uid}:${gid}`;
  const names = await readdir(path).catch(() => undefined);
  if (names !== undefined) {
    const below = await Promise.all(names.sort().map((name) => digestTree(join(path, name))));
    return [head, ...below.flat()];
  }
  const content = await readFile(path).catch(() => 'no regular file');
  return [`${head} ${createHash('sha256').update(content).digest('hex')}`];
};

const engineView = async (docker: Docker) => {
  const [networks, { Volumes }] = await Promise.all([docker.listNetworks(), docker.listVolumes()]);
  return {
    networks: networks.map(({ Name, Driver }) => `${Name} ${Driver}`).sort(),
    // Other tests of this engine name theirs so.
    volumes: Volumes.map(({ Name }) => Name)
      .filter((name) => !name.startsWith('resultity-'))
      .sort(),
  };
};

export const hostState = async (docker: Docker, dataDirectory: string) => {
  const { DockerRootDir } = await docker.info();
  return {
    mounts: await mounts(DockerRootDir),
    addresses: addresses(),
    routes: await routes(),
    firewall: await firewall(),
    settings: await settings(),
    data: await digestTree(dataDirectory),
    engine: await engineView(docker),
  };
};

/** Stays as it is unless somebody sets the clock: the other one cannot be set. */
export const clockOffsetMs = (): number => Date.now() - performance.now();

/** Processes of the host that belong to a container, gone as it may be: the kernel names their group. */
export const processesOf = async (containerId: string): Promise<readonly string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
      return groups.includes(containerId) ? [pid] : [];
    }),
  );
  return found.flat();
};
