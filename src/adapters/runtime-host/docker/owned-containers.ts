// The containers of one node: found by its label, removed for good.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { networkOwner } from './bridge-body.js';
import { type ContainerRole, LABEL } from './container-body.js';
import type { DockerClient } from './docker-client.js';
import { engineUnavailable } from './docker-errors.js';
import type { ListedContainer } from './engine-answers.js';

export const nodeLabel = (nodeId: string): string => `${LABEL.node}=${nodeId}`;
export const roleLabel = (role: ContainerRole): string => `${LABEL.role}=${role}`;

/** Whatever their role and state; also what an Agent left that ended between create and start. */
export const listOwned = (
  client: DockerClient,
  nodeId: string,
  signal?: AbortSignal,
): Promise<readonly ListedContainer[]> => client.listContainers([nodeLabel(nodeId)], signal);

export const isRuntimeOf = ({ Labels, State }: ListedContainer, specHash: string): boolean =>
  Labels[LABEL.role] === ('runtime' satisfies ContainerRole) &&
  Labels[LABEL.spec] === specHash &&
  State === 'running';

export const isBridgeOf = ({ Labels, HostConfig }: ListedContainer, runtimeId: string): boolean =>
  Labels[LABEL.role] === ('bridge' satisfies ContainerRole) &&
  networkOwner(HostConfig.NetworkMode) === runtimeId;

const GONE_MS = 30_000;
const LOOK_MS = 100;

/**
 * By force; returns when it is gone, whoever removed it.
 * @throws EngineUnavailableError `hung` when somebody else's removal takes too long
 */
export const removeContainer = async (client: DockerClient, id: string): Promise<void> => {
  const deadline = performance.now() + GONE_MS;
  while ((await client.removeContainer(id)) === 'removing') {
    if (performance.now() > deadline) throw engineUnavailable('hung', `container ${id} does not go away`);
    await pause(LOOK_MS);
  }
};

/** @returns their ids */
export const removeAll = async (
  client: DockerClient,
  containers: readonly ListedContainer[],
  logger: Logger,
): Promise<readonly string[]> => {
  for (const { Id, Labels } of containers) {
    await removeContainer(client, Id);
    logger.info(
      { containerId: Id, role: Labels[LABEL.role], specHash: Labels[LABEL.spec] },
      'container removed',
    );
  }
  return containers.map(({ Id }) => Id);
};
