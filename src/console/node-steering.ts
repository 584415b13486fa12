// What the owner may order of a running node, from the command line or the console.
import type { ReportOrder, RetestAnswer, RetestOrder, RetryAnswer } from './node-view.js';
import type { OrderAnswer, OwnerOrder } from './order-view.js';

export interface NodeSteering {
  /** Starts a Runtime again that was given up on; one in any other state is let alone. */
  retryRuntime(): RetryAnswer | Promise<RetryAnswer>;
  /** Seals the log and sends it to the network. */
  uploadReports(): Promise<ReportOrder>;
  /** Drain, pause or resume; resolves once it is on disk and in force. @throws NodeError why not */
  order(order: OwnerOrder): Promise<OrderAnswer>;
  /** Tests a model that is active, or tries one again that failed; one in any other state is let alone. */
  retestModel(order: RetestOrder): RetestAnswer | Promise<RetestAnswer>;
}
