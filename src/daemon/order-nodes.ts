// The owner's word holds in every network: one order to the daemon is an order to the node in each of them.
import type { OrderAnswer, OwnerOrder } from '../console/order-view.js';
import { stageOf } from '../machines/stage.js';
import type { OwnNode } from './assemble-node.js';
import { commonOrder } from './view-daemon.js';

type Ordered = Pick<OwnNode, 'actor' | 'orders'> & { readonly view: Pick<OwnNode['view'], 'order'> };

/**
 * A node that does not operate in its network finds the order on its disk once it does. A network that is not joined yet is
 * left out, and hears of it when it is.
 * @param nodes one for each network, at least one
 * @throws NodeError where a network's node cannot follow; in the others it is in force
 */
export const orderNodes = async (
  nodes: readonly [Ordered, ...Ordered[]],
  order: OwnerOrder,
): Promise<OrderAnswer> => {
  const common = () => commonOrder(nodes.map(({ view }) => view.order()));
  const before = common();
  const able = nodes.filter(({ actor }) => actor.getSnapshot().matches('operating'));
  const given = able.length === 0 ? [nodes[0]] : able;
  const ends = await Promise.allSettled(given.map(({ orders }) => orders.give(order)));
  if (ends.some(({ status }) => status === 'fulfilled')) {
    const others = nodes.filter((node) => !given.includes(node));
    ends.push(...(await Promise.allSettled(others.map(({ orders }) => orders.note(order)))));
  }
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { stage: stageOf(nodes[0].actor.getSnapshot()), before, order: common() };
};
