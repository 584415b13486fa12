// Makes one container, starts it, and looks whether it became what was asked for.
import type { Logger } from 'pino';
import { ContainerConflictError } from '../runtime-host-errors.js';
import { type AskedContainer, alteredFields } from './compare-container.js';
import { LABEL } from './container-body.js';
import type { DockerClient } from './docker-client.js';
import { startError } from './docker-errors.js';
import type { InspectedContainer } from './inspected-container.js';
import { removeContainer } from './owned-containers.js';

/** A name that is taken: by what another start of this node has just made, or by somebody else, who keeps it. */
const yieldName = async (
  client: DockerClient,
  { body }: AskedContainer,
  conflict: Error,
  logger: Logger,
): Promise<void> => {
  const holder = await client.inspectContainer(body.name);
  if (holder === undefined) return;
  if (holder.Config.Labels[LABEL.node] !== body.Labels[LABEL.node]) throw conflict;
  logger.warn(
    { containerId: holder.Id },
    'another start of this node was under way; its container is removed',
  );
  await removeContainer(client, holder.Id);
};

/** @param made is told the id as soon as there is one */
export const runContainer = async (
  client: DockerClient,
  asked: AskedContainer,
  made: (id: string) => void,
  logger: Logger,
  signal: AbortSignal,
): Promise<InspectedContainer> => {
  const create = () => client.createContainer(asked.body, asked.image, signal);
  const id = await create().catch(async (caught: unknown) => {
    if (!(caught instanceof ContainerConflictError)) throw caught;
    await yieldName(client, asked, caught, logger);
    return create();
  });
  made(id);
  await client.startContainer(id, asked.image, signal);
  const found = await client.inspectContainer(id, signal);
  if (found === undefined) throw startError('engine', 'it was removed while it started');
  const altered = alteredFields(found, asked);
  if (altered.length > 0) {
    throw startError('spec', `the engine made another container than was asked for: ${altered.join(', ')}`);
  }
  return found;
};
