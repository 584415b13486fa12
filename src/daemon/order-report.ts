// The owner's order to send the log now: what has gathered is sealed, and goes out with what waits already.
import type { ActorRefFrom } from 'xstate';
import type { ReportOrder } from '../console/node-view.js';
import { toFailure } from '../errors.js';
import type { NodeActor } from '../machines/node-machine.js';
import type { reportMachine } from '../machines/report-machine.js';
import type { Membership } from '../services/membership.js';

export const orderReport = async (node: NodeActor, membership: Membership): Promise<ReportOrder> => {
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
