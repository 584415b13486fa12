// A node that was killed and then given another driver has left its container running, with the GPU in it. It is told,
// not removed: with these settings the node has no say over a container engine.
import { stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { readNodeId } from '../adapters/identity/read-node-id.js';
import { USUAL_CONTAINER_SOCKET } from '../config/container-settings.js';
import type { Config } from '../config.js';
import { namesOf, removalOf } from '../doctor/leftover-containers.js';

/**
 * Never throws: without a key, a container engine or the right to ask it there is nothing to say.
 * @param left ends it early
 */
export const warnOfContainers = async (
  { dataDir, runtime: { driver } }: Pick<Config, 'dataDir' | 'runtime'>,
  logger: Logger,
  left: AbortSignal,
  socketPath = USUAL_CONTAINER_SOCKET,
): Promise<void> => {
  if (driver === 'container') return;
  try {
    if (!(await stat(socketPath)).isSocket()) return;
    const nodeId = await readNodeId(dataDir);
    // Loaded where it is wanted: the library behind it is large.
    const { lookAtContainers } = await import('../doctor/look-at-containers.js');
    if (left.aborted) return;
    const look = lookAtContainers(socketPath, left);
    try {
      const found = await look.ofNode(nodeId);
      if (found.length === 0) return;
      logger.warn(
        { event: 'runtime.containers_left', driver, advice: `Run \`${removalOf(socketPath, found)}\`.` },
        `nobody looks after these containers of this node any more: ${namesOf(found)}`,
      );
    } finally {
      look.close();
    }
  } catch (err) {
    if (!left.aborted)
      logger.debug({ event: 'runtime.containers_unseen', err }, 'no container engine to ask');
  }
};
