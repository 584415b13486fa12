// Where orders to drain, pause and resume come in, and where their answers go: to the owner's command, which waits, or to
// the network's session.
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Clock } from '../adapters/host/clock.js';
import type { OwnerOrder } from '../console/order-view.js';
import { NodeError } from '../errors.js';
import type { OrderAnswered, OrderRequest } from '../machines/node/order-book.js';
import type { NodeActor } from '../machines/node-machine.js';
import { stageOf } from '../machines/stage.js';
import { noteOrder } from '../services/keep-order.js';
import type { Membership } from '../services/membership.js';
import type { OutboundLane } from '../services/outbound-lane.js';

/** A node in this state follows no orders: it is not in its network yet, or it does not work at all. */
class NodeNotOperatingError extends NodeError {
  readonly code = 'NODE_NOT_OPERATING';
  readonly retryable = true;
}

/** The order makes no sense as it is, or too many wait. */
class OrderRefusedError extends NodeError {
  readonly code = 'ORDER_REFUSED';
  readonly retryable = false;
}

/** The order could not be written down; the one before is in force still. */
class OrderNotRecordedError extends NodeError {
  readonly code = 'ORDER_NOT_RECORDED';
  readonly retryable = true;
}

export interface OrderDesk {
  /**
   * The owner's word; resolves once it is on disk and in force.
   * @throws NodeNotOperatingError, OrderRefusedError, OrderNotRecordedError
   */
  give(order: OwnerOrder): Promise<void>;
  /**
   * The owner's word while the node does not operate: resolves once it is on disk, from where the node takes it up.
   * @throws StateWriteError; NodeNotOperatingError, OrderRefusedError, OrderNotRecordedError when it operates meanwhile
   */
  note(order: OwnerOrder): Promise<void>;
}

const REFUSALS: Readonly<Record<string, string>> = {
  until_passed: 'the time at which it should end has passed already',
  too_many: 'too many orders wait to be written down',
};

const failureOf = ({ outcome, reason, failure }: OrderAnswered): NodeError | undefined => {
  if (outcome === 'done') return undefined;
  if (outcome === 'refused') {
    return new OrderRefusedError(REFUSALS[reason ?? ''] ?? `the order is refused: ${reason}`, {
      advice: 'Look at `resultity-node status`, then give the order again.',
    });
  }
  return new OrderNotRecordedError(`the order could not be written down: ${failure?.message}`, {
    advice: failure?.advice ?? 'Check the disk of the data directory.',
  });
};

export const createOrderDesk = (parts: {
  readonly node: NodeActor;
  readonly lane: Pick<OutboundLane, 'session' | 'send'>;
  readonly membership: Membership;
  readonly clock: Clock;
  readonly logger: Logger;
}): OrderDesk => {
  const { node, lane, membership, clock, logger } = parts;
  const waiting = new Map<string, (answer: NodeError | undefined) => void>();

  const tellNetwork = ({ request, outcome, reason }: OrderAnswered): void => {
    // Without a session the next heartbeat says what is in force.
    if (lane.session === undefined) return;
    try {
      lane.send('admin.result', { id: request.id, outcome, ...(reason === null ? {} : { reason }) });
    } catch (err) {
      logger.warn({ event: 'order.unanswered', command: request.id, err }, 'an order could not be answered');
    }
  };

  const notOperating = (): NodeNotOperatingError => {
    const snapshot = node.getSnapshot();
    const stage = stageOf(snapshot);
    const { failure } = snapshot.context;
    return new NodeNotOperatingError(
      `the node takes no orders while it is in stage '${stage}'${failure === null ? '' : `: ${failure.message}`}`,
      {
        advice:
          failure?.advice ??
          'It serves no jobs now. Try again once `resultity-node status` shows it registered.',
      },
    );
  };

  const giveUp = (): void => {
    if (waiting.size === 0) return;
    for (const settle of [...waiting.values()]) settle(notOperating());
  };

  node.on('order.answered', (answer) => {
    const { request, outcome, reason } = answer;
    const { id, verb, by } = request;
    logger.info(
      { event: 'order.answered', order: id, verb, by, outcome, reason },
      `${verb} by the ${by}: ${outcome}`,
    );
    if (by === 'network') tellNetwork(answer);
    else waiting.get(id)?.(failureOf(answer));
  });
  node.subscribe({
    next: (snapshot) => {
      if (!snapshot.matches('operating')) giveUp();
    },
    error: giveUp,
    complete: giveUp,
  });

  const requestOf = ({ verb, note, forMs, untilMs }: OwnerOrder): OrderRequest => {
    const atMs = clock.nowMs();
    const ends = untilMs ?? (forMs === undefined ? null : atMs + forMs);
    return { id: ulid(), verb, by: 'owner', note: note ?? null, atMs, untilMs: ends };
  };

  const give = (order: OwnerOrder): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!node.getSnapshot().matches('operating')) {
        reject(notOperating());
        return;
      }
      const request = requestOf(order);
      waiting.set(request.id, (failure) => {
        waiting.delete(request.id);
        if (failure === undefined) resolve();
        else reject(failure);
      });
      node.send({ type: 'order.given', request });
    });

  return {
    give,
    async note(order) {
      await noteOrder({ membership, logger }, requestOf(order));
      // It may have looked at the disk just before.
      if (node.getSnapshot().matches('operating')) await give(order);
    },
  };
};
