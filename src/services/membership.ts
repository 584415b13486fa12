// What the services of one node share about who it is and which network it belongs to.
import type { Identity } from '../adapters/identity/identity.js';
import type { JobJournal } from '../adapters/journal/job-journal.js';
import type { ReportLog } from '../adapters/logs/report-log.js';
import type { NetworkState } from '../adapters/state/network-state.js';
import type { NetworkId } from '../protocol/network-id.js';
import type { TrustRoot } from '../protocol/trust-root.js';
import { createKeptHardware, type KeptHardware } from './kept-hardware.js';
import { type Once, once } from './once.js';

/** A network's records on this node; networks never share any. */
export interface NetworkRoom {
  readonly state: NetworkState;
  readonly journal: JobJournal;
  readonly reports: ReportLog;
}

export interface JoinedNetwork extends NetworkRoom {
  readonly id: NetworkId;
  readonly root: TrustRoot;
  readonly socketUrl: string;
}

export interface Membership {
  readonly identity: Once<Identity>;
  readonly network: Once<JoinedNetwork>;
  readonly hardware: KeptHardware;
}

/** What a node knows of itself and its host, whatever networks it joins. */
export type NodeSelf = Pick<Membership, 'identity' | 'hardware'>;

export const createNodeSelf = (): NodeSelf => ({
  identity: once('the identity'),
  hardware: createKeptHardware(),
});

export const createMembership = (self: NodeSelf = createNodeSelf()): Membership => ({
  ...self,
  network: once('the network'),
});
