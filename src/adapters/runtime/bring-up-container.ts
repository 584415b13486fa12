// Takes over the container that runs with this spec, or starts one; nothing may lie where a new one wants to listen. And
// the way back.
import type { Logger } from 'pino';
import type { ContainerSpec } from '../runtime-host/container-spec.js';
import type { RuntimeHost, RuntimeRef, RuntimeStart } from '../runtime-host/runtime-host.js';
import {
  removeSocketDirectory,
  removeStaleSocket,
  type SocketDirectory,
  type SocketPlace,
} from './socket-place.js';

/**
 * @param note told of each container that was brought up, the last of which is the one that runs
 * @throws ContainerStartError, ContainerConflictError, EngineUnavailableError, the signal's reason
 */
export const bringUpContainer = async (
  host: RuntimeHost,
  container: ContainerSpec,
  directory: SocketDirectory,
  signal: AbortSignal,
  note: (started: RuntimeStart) => void,
): Promise<RuntimeStart> => {
  const start = async (): Promise<RuntimeStart> => {
    const started = await host.start(container, signal);
    note(started);
    signal.throwIfAborted();
    return started;
  };
  const { found } = await host.reconcile(container.specHash);
  if (found === undefined) await removeStaleSocket(directory);
  const first = await start();
  if (found === undefined || first.adopted) return first;
  // What was found had been altered or has just ended: its successor met its socket file, and cannot listen.
  await host.stop(first, 0);
  await removeStaleSocket(directory);
  return start();
};

/** @throws EngineUnavailableError: it may run on, and nothing was removed */
export const takeDownContainer = async (
  where: { readonly host: RuntimeHost; readonly sockets: SocketPlace; readonly logger: Logger },
  ref: RuntimeRef,
  directory: SocketDirectory,
  graceMs: number,
): Promise<void> => {
  const { host, sockets, logger } = where;
  await host.stop(ref, graceMs);
  await removeSocketDirectory(sockets, directory).catch((err: unknown) => {
    logger.warn({ event: 'runtime.directory.kept', err }, 'the directory of a Runtime could not be removed');
  });
};
