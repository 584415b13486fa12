// The order to drain or pause, between the statechart and the disk: by the wall clock while the Agent is off, by the clock
// that never jumps while it runs.
import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { OrderDocument } from '../adapters/state/network-state.js';
import {
  type HeldOrder,
  type NodeOrder,
  type OrderRequest,
  orderAfter,
  refusalOf,
} from '../machines/node/order-book.js';
import type { Membership } from './membership.js';

export interface KeepOrderParts {
  readonly membership: Membership;
  readonly clock: Clock;
  readonly logger: Logger;
}

const documentOf = (order: NodeOrder | null): OrderDocument =>
  order === null
    ? null
    : {
        kind: order.kind,
        by: order.by,
        note: order.note,
        since_ms: order.sinceMs,
        until_ms: order.untilMs,
      };

const plain = ({ kind, by, note, sinceMs, untilMs }: NodeOrder): NodeOrder => ({
  kind,
  by,
  note,
  sinceMs,
  untilMs,
});

const orderOf = ({ kind, by, note, since_ms, until_ms }: NonNullable<OrderDocument>): NodeOrder => ({
  kind,
  by,
  note,
  sinceMs: since_ms,
  untilMs: until_ms,
});

const held = (order: NodeOrder, clock: Clock): HeldOrder => ({
  ...plain(order),
  endsMonotonicMs: order.untilMs === null ? null : clock.monotonicMs() + (order.untilMs - clock.nowMs()),
});

export interface RecallOrderParts extends KeepOrderParts {
  /** For a network that joins while the owner has the node rest; null while it does not. */
  readonly ownersOrder: () => NodeOrder | null;
}

/**
 * What was in force when the Agent last ran, unless its time has passed since, or what holds in the other networks.
 * @throws StateWriteError
 */
export const recallOrder = ({ membership, ownersOrder, clock, logger }: RecallOrderParts) =>
  fromPromise<HeldOrder | null, undefined>(async () => {
    const store = membership.network.get().state.order;
    const elsewhere = store.data?.by === 'owner' ? null : ownersOrder();
    if (elsewhere !== null) {
      await store.update(() => documentOf(elsewhere));
      logger.info(
        { event: 'order.adopted', ...plain(elsewhere) },
        `the owner has the node ${elsewhere.kind}`,
      );
      return held(elsewhere, clock);
    }
    if (store.data === null) return null;
    const order = orderOf(store.data);
    if (order.untilMs !== null && order.untilMs <= clock.nowMs()) {
      logger.info(
        { event: 'order.over', ...order },
        `the order to ${order.kind} ended while the node was off`,
      );
      // It has no effect any more, written or not.
      await store.update(() => null).catch(() => undefined);
      return null;
    }
    logger.info({ event: 'order.recalled', ...order }, `the order to ${order.kind} is still in force`);
    return held(order, clock);
  });

/**
 * For a node that does not operate: written down, so that what holds in the other networks holds in this one too once it
 * does, be it after the next start. Without records there is nothing to write to: it asks the others when it joins.
 * @throws StateWriteError
 */
export const noteOrder = async (
  { membership, logger }: Pick<KeepOrderParts, 'membership' | 'logger'>,
  request: OrderRequest,
): Promise<void> => {
  const store = membership.network.peek()?.state.order;
  if (store === undefined) return;
  const before = store.data && orderOf(store.data);
  if (refusalOf(before, request) !== null) return;
  const order = orderAfter(before, request);
  await store.update(() => documentOf(order));
  logger.info(
    { event: 'order.noted', verb: request.verb, by: request.by },
    `${request.verb} by the ${request.by}: holds once this network is served again`,
  );
};

/** Resolves once it is on disk. @throws StateWriteError; what was in force before still is */
export const recordOrder = ({ membership, clock, logger }: KeepOrderParts) =>
  fromPromise<HeldOrder | null, { order: NodeOrder | null }>(async ({ input: { order } }) => {
    await membership.network.get().state.order.update(() => documentOf(order));
    if (order === null) {
      logger.info({ event: 'order.lifted' }, 'no order to drain or pause is in force');
      return null;
    }
    logger.info({ event: 'order.recorded', ...order }, `ordered to ${order.kind}`);
    return held(order, clock);
  });
