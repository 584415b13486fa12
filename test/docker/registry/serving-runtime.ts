// A Runtime that serves: a simulator in a sealed container, started by the host under test, and somebody who goes on
// asking it while something else happens.
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pino from 'pino';
import { expect, vi } from 'vitest';
import { createEngineClient } from '../../../src/adapters/engine/undici-engine-client.js';
import { createDockerRuntimeHost } from '../../../src/adapters/runtime-host/docker/docker-runtime-host.js';
import type { RuntimeHost, RuntimeStart } from '../../../src/adapters/runtime-host/runtime-host.js';
import { containerSpec } from '../../../src/runtimes/engines/container-of.js';
import { engineByKey } from '../../../src/runtimes/engines/engines.js';

export interface ServingRuntime {
  readonly host: RuntimeHost;
  readonly containerId: string;
  /**
   * Does the work while requests go on, one after the other.
   * @returns what the work returned
   * @throws when a request failed, or the container is not the one it was
   */
  during<T>(work: () => Promise<T>): Promise<T>;
  remove(): Promise<void>;
}

const START_MS = 20_000;
const USER = 2000;
const MODEL = 'simulated';
const NOTHING = `sha256:${'0'.repeat(64)}`;

/**
 * @param image with the simulator, by digest or id, and in the engine already
 * @param nodeId one for each test file, for all share an engine
 */
export const startServingRuntime = async (
  socketPath: string,
  image: string,
  nodeId: string,
): Promise<ServingRuntime> => {
  const home = await mkdtemp(join(tmpdir(), 'rn-serving-'));
  await chown(home, USER, USER);
  const host = createDockerRuntimeHost({
    socketPath,
    nodeId: () => nodeId,
    agentVersion: '0.0.0',
    logger: pino({ level: 'silent' }),
  });
  const never = new AbortController().signal;
  const spec = containerSpec({
    definition: engineByKey('simulator'),
    spec: {
      specHash: NOTHING,
      engine: 'simulator',
      models: [{ id: MODEL, digest: NOTHING, path: undefined, tasks: ['chat'] }],
      maxConcurrent: 4,
      contextTokens: 1024,
      image,
      bridgeImage: undefined,
      flags: {},
      gpus: [],
      memoryBytes: undefined,
      sharedMemoryBytes: undefined,
      origin: { network: 'tests', configDigest: NOTHING },
    },
    user: `${USER}:${USER}`,
    socketSource: { kind: 'bind', hostPath: home },
    modelSources: [],
    cpus: undefined,
  });
  const engine = createEngineClient({ kind: 'unix', path: join(home, 'engine.sock') });
  let ref: RuntimeStart | undefined;
  const remove = async (): Promise<void> => {
    await engine.close();
    if (ref !== undefined) await host.stop(ref, 1_000);
    await host.close();
    await rm(home, { recursive: true, force: true });
  };
  try {
    ref = await host.start(spec, never);
    await vi.waitFor(() => engine.health(never), { timeout: START_MS, interval: 50 });
  } catch (cause) {
    await remove();
    throw cause;
  }
  const { id, specHash, startedMs } = ref;

  const ask = async (): Promise<void> => {
    const question = { model: MODEL, max_tokens: 4, messages: [{ role: 'user', content: 'Still there?' }] };
    const { finishReason } = await engine.complete('chat.completions', question, never);
    expect(finishReason).toBe('length');
  };
  const askOn = async (over: AbortSignal): Promise<void> => {
    do {
      await ask();
      await pause(10);
    } while (!over.aborted);
  };

  return {
    host,
    containerId: id,
    async during(work) {
      const over = new AbortController();
      const [outcome] = await Promise.all([work().finally(() => over.abort()), askOn(over.signal)]);
      await ask();
      expect(await host.inspect({ id, specHash, startedMs })).toMatchObject({
        phase: 'running',
        startedMs,
        altered: [],
      });
      return outcome;
    },
    remove,
  };
};
