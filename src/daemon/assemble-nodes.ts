// The nodes of all networks, put together: each knows of the others only what the host they share makes necessary.
import type { NetworkChoice } from '../config/network-settings.js';
import { nodeRootName } from '../console/inspection/root-names.js';
import type { Failure } from '../errors.js';
import { createCrowd } from '../services/crowd.js';
import type { Membership } from '../services/membership.js';
import { assembleNode, type OwnNode, type OwnNodeParts } from './assemble-node.js';
import type { DaemonLogs } from './daemon-logs.js';
import type { OpenRooms } from './network-rooms.js';

export interface OwnNodesParts
  extends Pick<OwnNodeParts, 'shared' | 'runtime' | 'engineSlots' | 'startedMs' | 'inspect'> {
  /** In the owner's order. */
  readonly places: readonly { readonly network: NetworkChoice; readonly membership: Membership }[];
  readonly logs: DaemonLogs;
  readonly rooms: OpenRooms;
}

/** @returns one for each network, in the owner's order */
export const assembleNodes = (parts: OwnNodesParts): readonly OwnNode[] => {
  const { runtime } = parts;
  const crowd = createCrowd();
  const nodes: OwnNode[] = parts.places.map(({ network, membership }, at) => {
    const log = parts.logs.networks[at];
    const seat = runtime.desk.seats[at];
    if (log === undefined || seat === undefined) throw new Error('a network without its place');
    const { logger } = log;
    return assembleNode({
      ...parts,
      network,
      membership,
      rooms: parts.rooms.of(
        network.url,
        (reports) => log.attachReports(reports, () => seat.view().hasRuntime),
        logger,
      ),
      seat,
      crowd,
      isListedElsewhere: (digest) => nodes.some((node, other) => other !== at && node.lists(digest)),
      ownersOrder: () =>
        nodes
          .filter((_, other) => other !== at)
          .map(({ actor }) => actor.getSnapshot())
          .find((snapshot) => snapshot.matches('operating') && snapshot.context.order?.by === 'owner')
          ?.context.order ?? null,
      logger,
      rootName: nodeRootName(at),
    });
  });
  return nodes;
};

/** @returns the first failure in time; one network's end is not the others' */
export const allEnded = async (nodes: readonly OwnNode[]): Promise<Failure | null> => {
  let first: Failure | null = null;
  await Promise.all(
    nodes.map(async ({ watch }) => {
      const failure = await watch.ended;
      first ??= failure;
    }),
  );
  return first;
};
