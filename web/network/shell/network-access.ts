// What every view is given: the network to ask, and what it said of itself last.
import type { Answer, NetworkApi } from '../api/network-api.js';

export type Status = Answer<'status'>;

export interface NetworkAccess {
  readonly api: NetworkApi;
  readonly status: Status;
  /** The network's clock now: what it tells of times is told by it. */
  readonly nowMs: number;
}

export interface ViewProps {
  readonly network: NetworkAccess;
}
