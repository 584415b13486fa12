// One question to an engine that somebody else runs: are you well?
import { realpath } from 'node:fs/promises';
import type { EngineAddress } from '../adapters/engine/engine-client.js';
import { RuntimeUnreachableError } from '../adapters/engine/engine-errors.js';
import { createEngineClient } from '../adapters/engine/undici-engine-client.js';
import type { Config } from '../config.js';
import { engineByKey } from '../runtimes/engines/engines.js';

/**
 * @returns its version, where it tells one
 * @throws RuntimeUnreachableError, RuntimeRejectedError
 */
export const askExternalEngine = async (
  runtime: Config['runtime'],
  signal: AbortSignal,
): Promise<string | undefined> => {
  const { readiness, paths } = engineByKey(runtime.engine);
  const client = createEngineClient(await addressOf(runtime), {
    healthPath: readiness.path,
    versionPath: paths.version,
    connectMs: 3_000,
  });
  try {
    await client.health(signal);
    return await client.version(signal).catch(() => undefined);
  } finally {
    await client.close();
  }
};

/** The settings allow exactly one of the two. */
const addressOf = async ({ socket, url = '' }: Config['runtime']): Promise<EngineAddress> => {
  if (socket === undefined) return { kind: 'tcp', url: new URL(url).origin };
  try {
    return { kind: 'unix', path: await realpath(socket) };
  } catch (cause) {
    throw new RuntimeUnreachableError(`there is no socket ${socket}`, {
      cause,
      advice: 'Start the engine, or correct runtime.socket.',
    });
  }
};
