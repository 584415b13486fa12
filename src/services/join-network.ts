// First contact pins the network's trust root, for ever; later starts take it from disk and need no network here.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { NetworkHttp } from '../adapters/network-http/network-http.js';
import { readTrustRoot } from '../protocol/trust-root.js';
import type { Membership, NetworkRoom } from './membership.js';
import { NetworkMismatchError } from './service-errors.js';

/** The folders of joined networks on this node. */
export interface NetworkRooms {
  /** The network joined under this URL, if any. */
  findByUrl(url: string): Promise<NetworkRoom | undefined>;
  /**
   * @param options.isTrustPinned the owner has named the network's trust root: a damaged record of it can be made anew by
   * asking the network
   */
  open(name: string, options?: { readonly isTrustPinned: boolean }): Promise<NetworkRoom>;
}

export interface JoinNetworkParts {
  readonly url: string;
  /** The genesis digest the owner pinned, if any. */
  readonly pinned: string | undefined;
  readonly http: NetworkHttp;
  readonly rooms: NetworkRooms;
  readonly membership: Membership;
  readonly logger: Logger;
}

/**
 * @throws NetworkUnreachableError (retryable) at first contact only
 * @throws ProtocolError `network_mismatch`, NetworkMismatchError: the URL leads to another network than before; at later
 * starts only as far as the network answers
 */
export const joinNetwork = (parts: JoinNetworkParts) =>
  fromPromise<{ network: string; registered: boolean }, undefined>(async ({ signal }) => {
    const { url, pinned, rooms, membership, logger } = parts;
    const { nodeId } = membership.identity.get();
    const known = await rooms.findByUrl(url);
    const room = known ?? (await meet(parts, signal));
    const account = room.state.account.data;
    if (account === null) throw new Error('a joined network without an account document');
    if (account.node.toLowerCase() !== nodeId.toLowerCase()) {
      throw new NetworkMismatchError(
        `the records of ${account.name} belong to node ${account.node}, not to ${nodeId}`,
        {
          advice: 'Restore the identity these records were made with, or start with an empty data directory.',
        },
      );
    }
    const { root, network } = readTrustRoot(Buffer.from(account.root), pinned ?? account.genesis);
    if (known !== undefined) await refuseStranger(parts, account.genesis, signal);
    membership.network.set({ ...room, id: network, root, socketUrl: account.socket_url });
    logger.info(
      { event: 'network.joined', network: network.name, known: known !== undefined },
      'network known',
    );
    return { network: network.name, registered: account.registered_ms !== null };
  });

/** A start must not wait for a network that is down: without an answer in time the pinned root is enough. */
const RECOGNISE_WITHIN_MS = 3_000;

/**
 * An owner who starts a node learns at once that another network has taken the URL; in a running node it would only be
 * a greeting that nobody of its own has signed, again and again.
 */
const refuseStranger = async (
  { http, url }: JoinNetworkParts,
  genesis: string,
  signal: AbortSignal,
): Promise<void> => {
  const limit = new AbortController();
  const giveUp = (): void => limit.abort();
  const timer = setTimeout(giveUp, RECOGNISE_WITHIN_MS);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const info = await http.info(limit.signal);
    if (info.genesis !== genesis) throw otherNetwork(url, info.network, genesis, info.genesis);
  } catch (error) {
    if (error instanceof NetworkMismatchError) throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
};

const otherNetwork = (url: string, name: string, trusted: string, offered: string): NetworkMismatchError =>
  new NetworkMismatchError(`${url} serves another '${name}' than the one this node joined before`, {
    advice: `This node trusts ${trusted}, the URL offers ${offered}. Use the old URL, or an empty data directory.`,
    details: { trusted, offered },
  });

const meet = async (parts: JoinNetworkParts, signal: AbortSignal): Promise<NetworkRoom> => {
  const { url, pinned, http, rooms, membership, logger } = parts;
  const info = await http.info(signal);
  const bytes = await http.root(signal);
  const { network } = readTrustRoot(bytes, pinned ?? info.genesis);
  if (
    info.network !== network.name ||
    info.chain_id !== network.chainId ||
    info.genesis !== network.genesis
  ) {
    throw new NetworkMismatchError(
      `the network says it is '${info.network}', and its trust root says '${network.name}'`,
      {
        advice: 'Do not go on: ask the network which of the two is right.',
      },
    );
  }
  const room = await rooms.open(network.name, { isTrustPinned: pinned !== undefined });
  const before = room.state.account.data;
  if (before !== null && before.genesis !== network.genesis) {
    throw otherNetwork(url, network.name, before.genesis, network.genesis);
  }
  await room.state.account.update(() => ({
    url,
    socket_url: info.socket_url,
    genesis: network.genesis,
    root: Buffer.from(bytes).toString('utf8'),
    chain_id: network.chainId,
    name: network.name,
    registered_ms: before?.registered_ms ?? null,
    node: membership.identity.get().nodeId,
  }));
  logger.info(
    {
      event: 'network.pinned',
      network: network.name,
      genesis: network.genesis,
      pinnedByOwner: pinned !== undefined,
    },
    'first contact: this trust root is trusted from now on',
  );
  return room;
};
