// A Runtime image that is the enemy: everything it tries from inside the seal is refused, and the host stays as it was.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { firstLine, wholeOutput } from './container-output.js';
import {
  type HostileRun,
  LIMITS,
  NOEXEC,
  type RunningContainer,
  startSealed,
  startWeak,
} from './containers.js';
import { type HostServices, startHostServices } from './host-services.js';
import { clockOffsetMs, hostState, processesOf } from './host-state.js';
import { hostileImage } from './image/hostile-image.js';
import { attempts, readReport } from './report.js';

const SETTLED = { timeout: 15_000, interval: 250 };
const PAGE = join(import.meta.dirname, '../../../docs/security-of-the-runtime.md');
const NEIGHBOUR_PORT = 8080;
/** No more is open to a Runtime; see `container-body.ts`. */
const OPEN_FILES = 16_384;
/** What any Docker Engine allows by default on any kernel: that these succeed shows that the probes can tell. */
const ALLOWED_WITHOUT_SEAL = [
  ...['internet-route', 'local-network-route', 'name-lookup', 'host-gateway', 'host-addresses'],
  ...['neighbour-container', 'ping-gateway', 'broadcast', 'multicast', 'packet-socket', 'raw-socket'],
  ...['interfaces', 'cloud-metadata'],
  ...['become-another-user', 'become-another-group', 'choose-groups', 'setuid-program-of-another'],
  ...['program-with-capabilities', 'capabilities-held', 'chroot', 'make-block-device'],
  ...['write-root', 'write-etc', 'write-program', 'write-home', 'write-model-directory', 'write-model-file'],
  ...['write-model-through-descriptor', 'chmod-model-file', 'date-model-file', 'delete-model-file'],
  ...['device-in-the-socket-directory', 'give-away-in-the-socket-directory', 'run-from-tmpfs'],
  ...['map-code-from-tmpfs', 'overfill-tmpfs', 'overfill-shared-memory'],
  ...['fork-bomb', 'thread-bomb', 'memory-bomb', 'descriptor-bomb'],
];

const engineSocket = inject('engineSocket');

describe.skipIf(engineSocket === null)('a hostile image', () => {
  const socketPath = engineSocket ?? '';
  const docker = new Docker({ socketPath, host: undefined } as Docker.DockerOptions);
  let image: string;
  let host: HostServices;
  let neighbour: RunningContainer;
  let targets: object;

  const runOf = async (role: HostileRun['role'], asked: object, uid: number): Promise<HostileRun> => ({
    image,
    role,
    targets: asked,
    uid,
    socketSource: { kind: 'bind', hostPath: await host.socketDirectory(uid) },
    modelDirectory: await host.modelDirectory(),
  });

  beforeAll(async () => {
    image = await hostileImage(docker);
    host = await startHostServices();
    neighbour = await startWeak(docker, await runOf('serve', { port: NEIGHBOUR_PORT }, 0));
    expect(await firstLine(neighbour.container)).toBe('serving');
    const { bridge } = (await neighbour.container.inspect()).NetworkSettings.Networks;
    targets = {
      ...host.targets,
      ...LIMITS,
      openFiles: OPEN_FILES,
      noexec: NOEXEC.target,
      noexecBytes: NOEXEC.sizeBytes,
      enginePath: socketPath,
      gateway: bridge?.Gateway,
      neighbourAddress: bridge?.IPAddress,
      neighbourPort: NEIGHBOUR_PORT,
    };
  });

  afterAll(async () => {
    await neighbour?.[Symbol.asyncDispose]();
    await host?.[Symbol.asyncDispose]();
  });

  test.each([2000, 0])('is refused everything as user %d, and the host does not notice', async (uid) => {
    const run = await runOf('probes', targets, uid);
    const before = await hostState(docker, host.dataDirectory);
    const [callsBefore, offsetBefore] = [host.calls(), clockOffsetMs()];
    const neighbourBefore = (await neighbour.container.inspect()).State;

    let id: string;
    {
      await using sealed = await startSealed(docker, socketPath, run);
      id = sealed.container.id;
      const tried = attempts(readReport(await wholeOutput(sealed.container)));
      expect(tried.filter(({ succeeded, broken }) => succeeded || broken)).toEqual([]);
      expect(new Set(tried.map(({ name }) => name)).size).toBe(tried.length);
      expect(tried.length).toBeGreaterThanOrEqual(130);
      expect(await sealed.inspect()).toMatchObject({ phase: 'exited', altered: [], exit: { code: 0 } });
    }

    expect(await processesOf(id)).toEqual([]);
    expect(host.calls()).toBe(callsBefore);
    expect((await neighbour.container.inspect()).State).toEqual(neighbourBefore);
    expect(Math.abs(clockOffsetMs() - offsetBefore)).toBeLessThan(1_000);
    // An engine of another test, started meanwhile, writes its rules of the firewall anew.
    await expect.poll(() => hostState(docker, host.dataDirectory), SETTLED).toEqual(before);
  });

  test('succeeds with the same attempts where there is no seal', async () => {
    await using weak = await startWeak(docker, await runOf('probes', targets, 0));
    const tried = attempts(readReport(await wholeOutput(weak.container)));
    const succeeded = tried.filter((one) => one.succeeded).map(({ name }) => name);
    expect(succeeded).toEqual(expect.arrayContaining(ALLOWED_WITHOUT_SEAL));
  });

  test('tries what the documentation says it tries', async () => {
    await using weak = await startWeak(docker, await runOf('names', {}, 0));
    const names = await wholeOutput(weak.container);
    const page = await readFile(PAGE, 'utf8');
    const tables = page.slice(page.indexOf('## What is tried'), page.indexOf('## What follows'));
    const documented = [...tables.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name);
    expect([...documented].sort()).toEqual([...names].sort());
  });
});
