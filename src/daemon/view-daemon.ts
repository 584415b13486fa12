// The whole daemon as its owner sees it: the first network's node stands for the node, and each network for itself.
import type { ActorRefFrom } from 'xstate';
import type { NodeView } from '../console/node-view.js';
import type { OrderView } from '../console/order-view.js';
import type { runtimeMachine } from '../machines/runtime-machine.js';
import type { Repairs } from '../services/repairs.js';
import type { NetworkView } from './view-network.js';

/**
 * What the whole node is ordered to: the owner's word, which holds in every network, or what all networks say alike. One
 * that holds in a single network is told there.
 */
export const commonOrder = (orders: readonly (OrderView | null)[]): OrderView | null => {
  const given = orders.filter((order) => order !== null);
  const common = given.find(({ by }) => by === 'owner') ?? given[0];
  if (common === undefined || (common.by === 'network' && given.length < orders.length)) return null;
  return {
    ...common,
    jobsLeft: given.reduce((sum, { jobsLeft }) => sum + jobsLeft, 0),
    freed: given.every(({ freed }) => freed),
  };
};

/** @param networks in the owner's order, at least one */
export const viewDaemon = (
  networks: readonly [NetworkView, ...NetworkView[]],
  runtime: ActorRefFrom<typeof runtimeMachine>,
  repairs: Repairs,
): NodeView => ({
  status: () => ({
    ...networks[0].status(),
    repairs: repairs.list().map((repair) => ({ ...repair, kept: [...repair.kept] })),
    order: commonOrder(networks.map((one) => one.order())),
    networks: networks.map((one) => one.own()),
  }),
  jobs: (limit, network) =>
    networks
      .filter((one) => network === undefined || one.isCalled(network))
      .flatMap((one) => one.jobs(limit))
      .sort((one, other) => other.acceptedMs - one.acceptedMs)
      .slice(0, limit),
  onChange: (listener) => {
    const subscription = runtime.subscribe(listener);
    const left = networks.map((one) => one.onChange(listener));
    return () => {
      subscription.unsubscribe();
      for (const leave of left) leave();
    };
  },
});
