// Orders to nodes that are connected: sent once, and answered by the node itself or not at all.
import { ulid } from 'ulid';
import { NodeError } from '../../errors.js';
import type { AdminResult, OrderVerb } from '../../protocol/messages/orders.js';
import type { Timers } from '../scheduler/timing.js';
import type { NodeGateway } from './node-gateway.js';

/** Nobody to order: the node has no session, or lost it before it answered. */
export class NodeOfflineError extends NodeError {
  readonly code = 'NODE_OFFLINE';
  readonly retryable = true;
}

/** The node is connected and does not answer: a version before orders, or one in trouble. */
export class NodeSilentError extends NodeError {
  readonly code = 'NODE_SILENT';
  readonly retryable = true;
}

export interface NodeOrder {
  readonly verb: OrderVerb;
  readonly note?: string | undefined;
  /** When it ends by itself; epoch milliseconds. */
  readonly untilMs?: number | undefined;
}

export interface NodeOrders {
  /** @throws NodeOfflineError, NodeSilentError */
  give(node: string, order: NodeOrder): Promise<AdminResult>;
  answered(node: string, result: AdminResult): void;
  /** Its session is over. */
  lost(node: string): void;
}

interface Waiting {
  readonly node: string;
  readonly settle: (result: AdminResult | NodeError) => void;
}

export const createNodeOrders = (deps: {
  readonly send: NodeGateway['send'];
  readonly timers: Timers;
  /** How long a node may take to answer; it writes to its disk first. */
  readonly answerWithinMs: number;
}): NodeOrders => {
  const { send, timers, answerWithinMs } = deps;
  const waiting = new Map<string, Waiting>();

  const give = (node: string, { verb, note, untilMs }: NodeOrder): Promise<AdminResult> =>
    new Promise((resolve, reject) => {
      const id = ulid();
      const cancel = timers.set(answerWithinMs, () =>
        waiting.get(id)?.settle(
          new NodeSilentError(`the node did not answer within ${answerWithinMs} ms`, {
            advice: 'Look at `network nodes`: a node older than orders does not know them.',
          }),
        ),
      );
      const settle = (result: AdminResult | NodeError): void => {
        waiting.delete(id);
        cancel();
        if (result instanceof NodeError) reject(result);
        else resolve(result);
      };
      waiting.set(id, { node: node.toLowerCase(), settle });
      const isSent = send(node, 'admin.command', {
        id,
        verb,
        ...(note === undefined ? {} : { note }),
        ...(untilMs === undefined ? {} : { until_ms: untilMs }),
      });
      if (!isSent) settle(offline('the node is not connected'));
    });

  return {
    give,
    answered: (node, result) => {
      const one = waiting.get(result.id);
      if (one?.node === node.toLowerCase()) one.settle(result);
    },
    lost: (node) => {
      for (const one of [...waiting.values()]) {
        if (one.node === node.toLowerCase())
          one.settle(offline('the node’s session ended before it answered'));
      }
    },
  };
};

const offline = (what: string): NodeOfflineError =>
  new NodeOfflineError(what, { advice: 'Try again once `network nodes` shows it online.' });
