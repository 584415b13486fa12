// The owner's order to send the log now: what has gathered is sealed, and goes out with what waits already.
import type { ActorRefFrom } from 'xstate';
import type { ReportOrder } from '../console/node-view.js';
import { toFailure } from '../errors.js';
import type { NodeActor } from '../machines/node-machine.js';
import type { reportMachine } from '../machines/report-machine.js';
import type { Membership } from '../services/membership.js';

interface Reporting {
  readonly url: string;
  readonly actor: NodeActor;
  readonly membership: Membership;
}

const orderReport = async ({ actor: node, membership }: Reporting): Promise<ReportOrder> => {
  const report = node.getSnapshot().children.report as ActorRefFrom<typeof reportMachine> | undefined;
  const reports = membership.network.peek()?.reports;
  if (report === undefined || reports === undefined)
    return { requested: false, waiting: 0, delivered: 0, failure: null };
  const failure = await reports.seal().then(
    () => null,
    (error: unknown) => toFailure(error),
  );
  const { delivered } = report.getSnapshot().context;
  report.send({ type: 'report.requested' });
  return { requested: true, waiting: reports.sealed().length, delivered, failure };
};

/** Each network gets its own log; the counts are added up. @param nodes one for each network, at least one */
export const orderReports = async (nodes: readonly Reporting[]): Promise<ReportOrder> => {
  const orders = await Promise.all(nodes.map(orderReport));
  const networks = orders.map(({ waiting, delivered }, at) => ({
    url: nodes[at]?.url ?? '',
    waiting,
    delivered,
  }));
  const total = orders.reduce((sum, one) => ({
    requested: sum.requested || one.requested,
    waiting: sum.waiting + one.waiting,
    delivered: sum.delivered + one.delivered,
    failure: sum.failure ?? one.failure,
  }));
  return { ...total, networks };
};
