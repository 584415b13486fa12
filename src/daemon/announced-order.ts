// The order in force as the network hears of it.
import type { NodeOrder } from '../machines/node/order-book.js';
import type { OrderInForce } from '../protocol/messages/orders.js';

/**
 * For the preferences of a heartbeat: nothing while no order is in force.
 * @param aheadMs the host's clock minus the network's time
 */
export const announcedOrder = (
  order: NodeOrder | null,
  aheadMs: number,
): { readonly order?: OrderInForce } => {
  if (order === null) return {};
  const { kind, by, sinceMs, untilMs, note } = order;
  // Whole seconds: the two clocks are not known to agree better, and nobody reads more.
  const told = (ms: number): number => Math.max(0, Math.round((ms - aheadMs) / 1_000) * 1_000);
  return {
    order: {
      kind,
      by,
      since_ms: told(sinceMs),
      ...(untilMs === null ? {} : { until_ms: told(untilMs) }),
      ...(note === null ? {} : { note }),
    },
  };
};
