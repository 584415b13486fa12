// The container driver on an engine in memory: adoption, its socket's directory, ends, notices, an engine that goes away.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createContainerDriver } from '../../../src/adapters/runtime/container-driver.js';
import type {
  RuntimeExit,
  RuntimeNotice,
  RuntimeSpec,
} from '../../../src/adapters/runtime/runtime-driver.js';
import type { SocketPlace } from '../../../src/adapters/runtime/socket-place.js';
import { MemoryContainerEngine } from '../../../src/adapters/runtime-host/memory-container-engine.js';
import { MemoryRuntimeHost } from '../../../src/adapters/runtime-host/memory-runtime-host.js';
import { EngineUnavailableError } from '../../../src/adapters/runtime-host/runtime-host-errors.js';
import { containerSpec } from '../runtime-host/container-specs.js';
import { recordingLogger, spec } from './specs.js';

const never = new AbortController().signal;
const UID = process.getuid?.() ?? 0;
const IMAGE_DIGEST = `sha256:${'1'.repeat(64)}`;
const next = spec({ specHash: `sha256:${'9'.repeat(64)}`, contextTokens: 2048 });

let base: string;
let engine: MemoryContainerEngine;
let exits: RuntimeExit[];
let notices: RuntimeNotice[];
const handlers = {
  exited: (exit: RuntimeExit) => void exits.push(exit),
  noticed: (notice: RuntimeNotice) => void notices.push(notice),
};

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'cd-'));
  engine = new MemoryContainerEngine();
  engine.registry.set(IMAGE_DIGEST, async function* () {});
  engine.images.add(IMAGE_DIGEST);
  exits = [];
  notices = [];
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(base, { recursive: true, force: true });
});

/** An Agent's driver; a second one is that Agent started again. */
const agent = (sockets: SocketPlace = { kind: 'bind', base: join(base, 'runtime') }) =>
  createContainerDriver({
    host: new MemoryRuntimeHost({ engine }),
    sockets,
    agentUid: UID,
    containerOf: async ({ specHash }: RuntimeSpec, { user, socketSource }) =>
      containerSpec({
        specHash,
        user,
        socketMount: { source: socketSource, target: '/run/engine', readOnly: false },
      }),
    logger: recordingLogger().logger,
  });

const only = () => {
  const [container] = engine.containers;
  if (container === undefined || engine.containers.length > 1) throw new Error('not one container');
  return container;
};

const pathOf = ({ address }: { address: { kind: string; path?: string } }): string => address.path ?? '';

const directories = () => readdirSync(join(base, 'runtime'));

/** Starts one, and dies without a word. */
const abandon = async () => {
  const before = agent();
  return before.start(spec(), { exited: () => {}, noticed: () => {} }, never);
};

/** Lets everything that is under way come to rest. */
const rest = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('a start', () => {
  test('gives the engine a private directory for its socket, and tells who must own the socket', async () => {
    const driver = agent();
    const started = await driver.start(spec(), handlers, never);
    const directory = join(base, 'runtime', 'c000000000000');
    const engineUid = UID === 0 ? 2000 : UID;
    expect(started).toEqual({
      address: { kind: 'unix', path: join(directory, 'engine.sock'), ownerUid: engineUid },
      adopted: false,
    });
    expect(statSync(directory)).toMatchObject({ uid: engineUid });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(only().spec).toMatchObject({
      user: `${engineUid}:0`,
      socketMount: { source: { kind: 'bind', hostPath: directory } },
    });
    expect(driver.imageDigest()).toBe(IMAGE_DIGEST);
    await driver.stop(0);
    expect(driver.imageDigest()).toBeUndefined();
    expect(directories()).toEqual([]);
  });

  test('clears what lies where a new engine wants to listen, and nothing of one it takes over', async () => {
    const started = await abandon();
    const listener = await listenAt(pathOf(started));
    const adopted = await agent().start(spec(), handlers, never);
    expect(adopted).toEqual({ ...started, adopted: true });
    expect(existsSync(pathOf(started))).toBe(true);
    engine.exit(only(), 1);
    let foundAtStart: boolean | undefined;
    engine.onStarted = () => (foundAtStart = existsSync(pathOf(started)));
    await expect(agent().start(spec(), handlers, never)).resolves.toMatchObject({ adopted: false });
    expect(foundAtStart).toBe(false);
    listener.close();
  });

  test('starts anew, without the old socket, where what ran turns out to be altered', async () => {
    const started = await abandon();
    const listener = await listenAt(pathOf(started));
    const host = new MemoryRuntimeHost({ engine });
    // Only the comparison with all that was asked finds it, and that comes with the start.
    vi.spyOn(host, 'reconcile').mockResolvedValue({
      found: { id: only().id, specHash: spec().specHash, startedMs: 0 },
      removed: [],
    });
    only().altered = ['HostConfig.Memory'];
    const socketsAtStart: boolean[] = [];
    engine.onStarted = () => socketsAtStart.push(existsSync(pathOf(started)));
    const driver = createContainerDriver({
      host,
      sockets: { kind: 'bind', base: join(base, 'runtime') },
      agentUid: UID,
      containerOf: async ({ specHash }) => containerSpec({ specHash }),
      logger: recordingLogger().logger,
    });
    await expect(driver.start(spec(), handlers, never)).resolves.toMatchObject({ adopted: false });
    expect(socketsAtStart).toEqual([true, false]);
    expect(only().altered).toEqual([]);
    listener.close();
  });

  test('that fails leaves no container, keeps the directory of one it may yet take over, and can be repeated', async () => {
    await abandon();
    const driver = agent();
    engine.lose('refused');
    await expect(driver.start(spec(), handlers, never)).rejects.toBeInstanceOf(EngineUnavailableError);
    expect(directories()).toEqual(['c000000000000']);
    engine.bringBack();
    await expect(driver.start(spec(), handlers, never)).resolves.toMatchObject({ adopted: true });
    const refusal = new Error('no');
    await driver.stop(0);
    engine.refusals.push(refusal);
    await expect(driver.start(spec(), handlers, never)).rejects.toBe(refusal);
    expect(engine.containers).toEqual([]);
    await driver.start(spec(), handlers, never);
    expect(exits).toEqual([]);
  });

  test('that is left removes what it has just begun', async () => {
    const reason = new Error('left');
    const left = new AbortController();
    engine.onStarted = () => left.abort(reason);
    const driver = agent();
    await expect(driver.start(spec(), handlers, left.signal)).rejects.toBe(reason);
    expect(engine.containers).toEqual([]);
    expect(directories()).toEqual([]);
  });

  test('that meets a stop is told so, and nothing runs', async () => {
    const driver = agent();
    const starting = driver.start(spec(), handlers, never);
    await Promise.all([
      expect(starting).rejects.toMatchObject({ code: 'RUNTIME_START', details: { reason: 'stopped' } }),
      driver.stop(0),
    ]);
    expect(engine.containers).toEqual([]);
  });

  test('names the path that is too long for a socket, and the setting that helps', async () => {
    const long = join(base, 'x'.repeat(80));
    await expect(agent({ kind: 'bind', base: long }).start(spec(), handlers, never)).rejects.toMatchObject({
      code: 'RUNTIME_START',
      retryable: false,
      advice: expect.stringContaining('runtime.socketDirectory'),
      details: { reason: 'directory', path: join(long, 'c000000000000', 'engine.sock') },
    });
    expect(engine.containers).toEqual([]);
  });
});

describe('in a container itself', () => {
  test('uses the volume both see, and leaves it there', async () => {
    const directory = join(base, 'sockets');
    mkdirSync(directory);
    const driver = agent({ kind: 'volume', name: 'sockets', directory });
    const started = await driver.start(spec(), handlers, never);
    expect(pathOf(started)).toBe(join(directory, 'engine.sock'));
    expect(only().spec.socketMount.source).toEqual({ kind: 'volume', name: 'sockets' });
    const listener = await listenAt(pathOf(started));
    await driver.stop(0);
    expect(readdirSync(directory)).toEqual([]);
    listener.close();
  });
});

describe('preparing', () => {
  const pulling = spec();

  test('brings the image and tells how far it is; a Runtime that runs is not touched', async () => {
    const driver = agent();
    await driver.start(next, handlers, never);
    engine.images.clear();
    engine.publish(IMAGE_DIGEST, async function* () {
      yield { layersDone: 0, layersTotal: 1, doneBytes: 3, totalBytes: 5 };
    });
    const told: unknown[] = [];
    await driver.prepare(pulling, ({ doneBytes, totalBytes }) => told.push([doneBytes, totalBytes]), never);
    expect(told).toEqual([[3, 5]]);
    expect(only()).toMatchObject({ phase: 'running', spec: { specHash: next.specHash } });
  });

  test('refuses an engine that shifts users, unless the socket lies in a volume', async () => {
    engine.report = { ...engine.report, rootless: true };
    await expect(agent().prepare(pulling, () => {}, never)).rejects.toMatchObject({
      retryable: false,
      details: { reason: 'user_namespaces' },
    });
    const directory = join(base, 'sockets');
    mkdirSync(directory);
    await agent({ kind: 'volume', name: 'sockets', directory }).prepare(pulling, () => {}, never);
  });
});

describe('reconciling', () => {
  test('keeps the container of the wanted spec and its directory, and removes all else', async () => {
    await abandon();
    mkdirSync(join(base, 'runtime', 'c123456789abc'));
    mkdirSync(join(base, 'runtime', 'of-somebody-else'));
    await agent().reconcile(spec());
    expect(only().spec.specHash).toBe(spec().specHash);
    expect(directories()).toEqual(['c000000000000', 'of-somebody-else']);
    await agent().reconcile(next);
    expect(engine.containers).toEqual([]);
    expect(directories()).toEqual(['c999999999999', 'of-somebody-else']);
  });

  test('never touches what this driver runs, whatever is wanted and even while it is frozen', async () => {
    const driver = agent();
    await driver.start(spec(), handlers, never);
    engine.pause(only());
    await driver.reconcile(next);
    await driver.reconcile(spec());
    expect(only()).toMatchObject({ phase: 'paused', spec: { specHash: spec().specHash } });
    expect(directories()).toEqual(['c000000000000']);
  });
});

describe('an end', () => {
  test('is told once with the last words, made harmless, whatever else is heard of it', async () => {
    const driver = agent();
    await driver.start(spec(), handlers, never);
    only().log = ['loading', 'Traceback \u001b[31m'];
    const container = only();
    engine.exit(container, 0);
    await rest();
    engine.remove(container);
    await rest();
    expect(exits).toEqual([
      { code: 0, signal: null, tail: 'loading\nTraceback \\u001b[31m', outOfMemory: false },
    ]);
    expect(driver.imageDigest()).toBeUndefined();
    await driver.stop(0);
    expect(exits).toHaveLength(1);
  });

  test('for memory is told as such, also where the kernel ended only a part of it', async () => {
    const driver = agent();
    await driver.start(spec(), handlers, never);
    engine.runOutOfMemory(only(), false);
    await rest();
    expect(notices).toEqual([{ type: 'oom' }]);
    expect(exits).toEqual([]);
    engine.exit(only(), 1);
    await rest();
    expect(exits).toMatchObject([{ code: 1, outOfMemory: true }]);
  });

  test('of a container somebody removed has no code', async () => {
    const driver = agent();
    await driver.start(spec(), handlers, never);
    engine.lose();
    engine.remove(only());
    engine.bringBack();
    await rest();
    expect(exits).toEqual([{ code: null, signal: null, tail: '', outOfMemory: false }]);
    expect(notices).toEqual([{ type: 'controlLost', reason: 'refused' }, { type: 'controlBack' }]);
    await driver.stop(0);
  });

  test('that nobody told is found by looking', async () => {
    vi.useFakeTimers();
    const host = new MemoryRuntimeHost({ engine });
    vi.spyOn(host, 'watch').mockImplementation(async function* (signal: AbortSignal) {
      yield* [];
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    const driver = createContainerDriver({
      host,
      sockets: { kind: 'bind', base: join(base, 'runtime') },
      agentUid: UID,
      containerOf: async ({ specHash }) => containerSpec({ specHash }),
      logger: recordingLogger().logger,
    });
    await driver.start(spec(), handlers, never);
    engine.exit(only(), 127);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(exits).toMatchObject([{ code: 127 }]);
    await driver.start(spec(), handlers, never);
    await vi.advanceTimersByTimeAsync(1_000);
    only().altered = ['HostConfig.Memory'];
    await vi.advanceTimersByTimeAsync(90_000);
    expect(notices).toEqual([{ type: 'altered', fields: ['HostConfig.Memory'] }]);
    engine.exit(only(), 3);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(exits).toMatchObject([{ code: 127 }, { code: 3 }]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('notices', () => {
  test('frozen and thawed, once each, also where it is only seen when the engine is back', async () => {
    const driver = agent();
    await driver.start(spec(), handlers, never);
    engine.pause(only());
    await rest();
    engine.lose();
    engine.unpause(only());
    engine.bringBack();
    await rest();
    expect(notices).toEqual([
      { type: 'paused' },
      { type: 'controlLost', reason: 'refused' },
      { type: 'controlBack' },
      { type: 'unpaused' },
    ]);
    await driver.stop(0);
    expect(exits).toEqual([]);
  });
});

describe('a stop', () => {
  test('fails while the engine is away, and what should be gone is never taken over', async () => {
    const driver = agent();
    await driver.start(spec(), handlers, never);
    const { id } = only();
    engine.lose('hung');
    await expect(driver.stop(5_000)).rejects.toBeInstanceOf(EngineUnavailableError);
    await expect(driver.start(spec(), handlers, never)).rejects.toBeInstanceOf(EngineUnavailableError);
    await expect(driver.reconcile(spec())).rejects.toBeInstanceOf(EngineUnavailableError);
    engine.bringBack();
    await expect(driver.start(spec(), handlers, never)).resolves.toMatchObject({ adopted: false });
    expect(only().id).not.toBe(id);
    await driver.stop(0);
    await driver.stop(0);
    expect(engine.containers).toEqual([]);
    expect(exits).toEqual([]);
  });
});

const listenAt = (path: string): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(path, () => resolve(server));
  });
