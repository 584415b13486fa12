// Ends a Runtime and removes it with its bridge. Asks the engine to stop it and looks afterwards; never waits for an
// end to be announced, for an engine that dies announces nothing.
import type { Logger } from 'pino';
import type { ContainerExit } from '../runtime-host.js';
import { EngineUnavailableError } from '../runtime-host-errors.js';
import type { DockerClient } from './docker-client.js';
import { exitOf } from './inspected-container.js';
import { isBridgeOf, listOwned, removeAll, removeContainer } from './owned-containers.js';

/** Of one that is gone, or that had to be removed while it ran. */
const UNKNOWN: ContainerExit = { code: null, outOfMemory: false };

/** One that cannot be stopped may still go by force; an engine that does not answer then says so once more. */
const stopOrGiveUp = async (client: DockerClient, id: string, graceMs: number, logger: Logger) => {
  try {
    await client.stopContainer(id, Math.ceil(graceMs / 1_000)); // whole seconds are all the engine knows
  } catch (caught) {
    const isHung = caught instanceof EngineUnavailableError && caught.details.trouble === 'hung';
    if (!isHung) throw caught;
    logger.warn(
      { err: caught, containerId: id },
      'the container did not stop in time; it is removed by force',
    );
  }
};

/** @throws EngineUnavailableError when it may still run */
export const stopRuntime = async (
  client: DockerClient,
  { id, nodeId, graceMs }: { readonly id: string; readonly nodeId: string; readonly graceMs: number },
  logger: Logger,
): Promise<ContainerExit> => {
  await stopOrGiveUp(client, id, graceMs, logger);
  const found = await client.inspectContainer(id);
  const bridges = (await listOwned(client, nodeId)).filter((one) => isBridgeOf(one, id));
  await removeContainer(client, id);
  await removeAll(client, bridges, logger);
  return (found && exitOf(found)) ?? UNKNOWN;
};
