// The container driver on a real Docker Engine: a simulator in a sealed container answers over its Unix socket, outlives
// the Agent, is taken over as it is, and leaves nothing when it is stopped.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { createEngineClient } from '../../../src/adapters/engine/undici-engine-client.js';
import { createContainerDriver } from '../../../src/adapters/runtime/container-driver.js';
import type {
  RuntimeExit,
  RuntimeNotice,
  RuntimeStarted,
} from '../../../src/adapters/runtime/runtime-driver.js';
import type { SocketPlace } from '../../../src/adapters/runtime/socket-place.js';
import { createDockerRuntimeHost } from '../../../src/adapters/runtime-host/docker/docker-runtime-host.js';
import type { RuntimeHost } from '../../../src/adapters/runtime-host/runtime-host.js';
import { loadConfig } from '../../../src/config.js';
import { containerOf } from '../../../src/daemon/container-runtime.js';
import { engineByKey } from '../../../src/runtimes/engines/engines.js';
import { modelOf, spec } from '../../adapters/runtime/specs.js';
import { simulatorImage } from '../images/simulator-image.js';
import { randomNodeId } from '../runtime-host/docker-rig.js';

const engineSocket = inject('engineSocket');
const never = new AbortController().signal;
const logger = pino({ level: 'silent' });

describe.skipIf(engineSocket === null)('the container driver on a real engine', () => {
  const socketPath = engineSocket ?? '';
  const docker = new Docker({ socketPath, host: undefined } as Docker.DockerOptions);
  let data: string;
  let nodeId: string;
  let image: string;
  let hosts: RuntimeHost[];
  let exits: RuntimeExit[];
  let notices: RuntimeNotice[];
  const handlers = {
    exited: (exit: RuntimeExit) => void exits.push(exit),
    noticed: (notice: RuntimeNotice) => void notices.push(notice),
  };

  /** Of an Agent that is dead: what its driver still sees is nobody's. */
  const deaf = { exited: () => {}, noticed: () => {} };

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'rn-cd-'));
    nodeId = randomNodeId();
    image = await simulatorImage(docker);
    hosts = [];
    exits = [];
    notices = [];
  });
  afterEach(async () => {
    for (const { Id } of await containers()) await docker.getContainer(Id).remove({ force: true, v: true });
    for (const host of hosts) await host.close();
    await rm(data, { recursive: true, force: true });
  });

  const containers = () =>
    docker.listContainers({ all: true, filters: { label: [`io.resultity.node=${nodeId}`] } });
  const only = async () => {
    const [found, ...more] = await containers();
    if (found === undefined || more.length > 0) throw new Error('not one container');
    return docker.getContainer(found.Id);
  };

  /** An Agent's driver; a second one is that Agent started again. */
  const agent = (options: { readonly agentUid?: number; readonly sockets?: SocketPlace } = {}) => {
    const { config } = loadConfig({ flags: { runtimeDriver: 'container' }, environment: {} });
    const places = { runtime: join(data, 'runtime'), models: join(data, 'models') };
    const host = createDockerRuntimeHost({ socketPath, nodeId: () => nodeId, agentVersion: '0.0.0', logger });
    hosts.push(host);
    return createContainerDriver({
      host,
      sockets: options.sockets ?? { kind: 'bind', base: places.runtime },
      agentUid: options.agentUid ?? process.getuid?.() ?? 0,
      containerOf: containerOf(engineByKey('simulator'), config.runtime, places),
      logger,
    });
  };

  const wanted = (tokensPerSecond = 0) =>
    spec({
      image,
      models: [modelOf('sim-1', { path: undefined })],
      ...(tokensPerSecond > 0 && { flags: { 'tokens-per-second': String(tokensPerSecond) } }),
    });

  const withClient = async <T>(
    { address }: RuntimeStarted,
    use: (client: ReturnType<typeof createEngineClient>) => Promise<T>,
  ): Promise<T> => {
    const client = createEngineClient(address);
    try {
      await expect
        .poll(() => client.health(never).then(() => 'well', String), { timeout: 20_000 })
        .toBe('well');
      return await use(client);
    } finally {
      await client.close();
    }
  };

  const chat = (started: RuntimeStarted) =>
    withClient(started, async (client) => {
      const request = { model: 'sim-1', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 5 };
      const { finishReason, usage } = await client.complete('chat.completions', request, never);
      return [finishReason, usage?.completionTokens];
    });

  test.each([
    ['root gives its engine a user of its own', 0, '2000:0'],
    ['another user shares its own with the engine', 1000, '1000:0'],
  ])(
    'an Agent that is %s: it answers, is adopted after a kill, and is gone after a stop',
    async (_, agentUid, user) => {
      const first = agent({ agentUid });
      await first.reconcile(wanted());
      await first.prepare(wanted(), () => {}, never);
      const started = await first.start(wanted(), deaf, never);
      expect(started.adopted).toBe(false);
      expect(first.imageDigest()).toBe(image);
      expect(await chat(started)).toEqual(['length', 5]);
      const before = await (await only()).inspect();
      expect(before.Config.User).toBe(user);

      const second = agent({ agentUid });
      await second.reconcile(wanted());
      await second.prepare(wanted(), () => {}, never);
      const adopted = await second.start(wanted(), handlers, never);
      expect(adopted).toEqual({ ...started, adopted: true });
      expect(await chat(adopted)).toEqual(['length', 5]);
      const after = await (await only()).inspect();
      expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt]);

      const { found } = (await hosts.at(-1)?.reconcile(before.Config.Labels['io.resultity.spec'])) ?? {};
      if (found === undefined) throw new Error('the host does not find what runs');
      expect(await hosts.at(-1)?.inspect(found)).toMatchObject({ phase: 'running', altered: [] });

      await second.stop(5_000);
      expect(await containers()).toEqual([]);
      expect(await readdir(join(data, 'runtime'))).toEqual([]);
      expect([exits, notices]).toEqual([[], []]);
    },
  );

  test('another spec replaces what an earlier Agent left, and its directory', async () => {
    const old = await agent().start(wanted(), deaf, never);
    const before = await only();
    const driver = agent();
    const next = spec({ ...wanted(50), specHash: `sha256:${'5'.repeat(64)}` });
    await driver.reconcile(next);
    expect(await containers()).toEqual([]);
    const started = await driver.start(next, handlers, never);
    expect(started.address).not.toEqual(old.address);
    expect(await chat(started)).toEqual(['length', 5]);
    expect((await only()).id).not.toBe(before.id);
    expect(await readdir(join(data, 'runtime'))).toEqual(['c555555555555']);
    await driver.stop(5_000);
  });

  test('an end by somebody else is told once, with the last words; the next start meets no old socket', async () => {
    const driver = agent();
    const started = await driver.start(wanted(), handlers, never);
    await chat(started);
    await (await only()).kill({ signal: 'SIGKILL' });
    await expect.poll(() => exits, { timeout: 10_000 }).toMatchObject([{ code: 137, outOfMemory: false }]);
    expect(exits[0]?.tail).not.toBe('');
    expect(started.address.kind === 'unix' && existsSync(started.address.path)).toBe(true);
    const again = await driver.start(wanted(), handlers, never);
    expect(again.adopted).toBe(false);
    expect(await chat(again)).toEqual(['length', 5]);
    await driver.stop(5_000);
    expect(exits).toHaveLength(1);
  });

  test('a frozen one is noticed, and one somebody removes is an end without a code it could know', async () => {
    const driver = agent();
    await driver.start(wanted(), handlers, never);
    const container = await only();
    await container.pause();
    await expect.poll(() => notices, { timeout: 10_000 }).toEqual([{ type: 'paused' }]);
    await container.unpause();
    await expect.poll(() => notices, { timeout: 10_000 }).toHaveLength(2);
    await container.remove({ force: true });
    await expect.poll(() => exits, { timeout: 10_000 }).toHaveLength(1);
    await driver.stop(5_000);
    expect(exits).toHaveLength(1);
  });

  test('for an Agent in a container the socket lies in the volume both see', async () => {
    const name = `rn-cd-${nodeId.slice(2, 14)}`;
    await docker.createVolume({ Name: name });
    const volume = docker.getVolume(name);
    try {
      const { Mountpoint: directory } = await volume.inspect();
      const driver = agent({ sockets: { kind: 'volume', name, directory }, agentUid: 1000 });
      await driver.prepare(wanted(), () => {}, never);
      const started = await driver.start(wanted(), handlers, never);
      expect(started.address).toMatchObject({ path: join(directory, 'engine.sock'), ownerUid: 1000 });
      expect(await chat(started)).toEqual(['length', 5]);
      await driver.stop(5_000);
      expect(await readdir(directory)).toEqual([]);
    } finally {
      await volume.remove();
    }
  });
});
