// What each card of the overview is made from.
import type { NodeStatus } from '../../../src/console/node-view.js';
import type { NodeAccess } from '../shell/node-access.js';

export interface OverviewFacts {
  readonly node: NodeAccess;
  readonly status: NodeStatus;
  /** The node's clock. */
  readonly nowMs: number;
}
