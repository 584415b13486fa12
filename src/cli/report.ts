// `report`: the node's own log goes to the network now, not at the next interval.
import { Command, InvalidArgumentError } from 'commander';
import type { ControlClient } from '../console/control-client.js';
import type { NodeStatus, ReportOrder } from '../console/node-view.js';
import { NodeError } from '../errors.js';
import { answer, daemonOf, type NodeOptions, withPlace } from './node-options.js';
import { type CommandIo, note } from './output.js';
import { showProgress } from './progress.js';

interface ReportOptions extends NodeOptions {
  readonly wait?: number | true;
}

/** The network has not signed for the log within the time the owner gave it. */
class ReportNotDeliveredError extends NodeError {
  readonly code = 'REPORT_NOT_DELIVERED';
  readonly retryable = true;
}

const WAIT_SECONDS = 60;
const LOOK_EVERY_MS = 200;

const waitOption = (text: string): number => {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400)
    throw new InvalidArgumentError('seconds, from 1 to 86400');
  return seconds;
};

export const reportCommand = (io: CommandIo): Command =>
  withPlace(
    new Command('report')
      .description("seal the node's log and send it to the network now")
      .option(
        '--wait [seconds]',
        `return once the network has signed for it, or fail after so long (${WAIT_SECONDS})`,
        waitOption,
      ),
    ['report', 'report --wait', 'report --wait 300 --json'],
  ).action(async (options: ReportOptions) => {
    const daemon = daemonOf(options, io);
    const order = await daemon.uploadReports();
    if (order.failure !== null) note(io, `${order.failure.message} [${order.failure.code}]`);
    if (options.wait === undefined || !order.requested || order.waiting === 0) {
      answer(io, options, order, () => io.stdout.write(`${inWords(order)}\n`));
      return;
    }
    const seconds = options.wait === true ? WAIT_SECONDS : options.wait;
    const reports = totalOf(await untilDelivered(daemon, order, seconds, io, options.json !== true));
    answer(io, options, { ...order, ...reports }, () =>
      io.stdout.write(`The network has signed for ${segments(order.waiting)}.\n`),
    );
  });

const segments = (count: number): string => (count === 1 ? '1 log segment' : `${count} log segments`);

const inWords = ({ requested, waiting }: ReportOrder): string => {
  if (!requested) return 'Nothing to send yet: the node has not joined a network.';
  if (waiting === 0) return 'Nothing to send: the log is empty.';
  return `${segments(waiting)} on the way to the network; \`resultity-node status\` shows when they have arrived.`;
};

/** Oldest first is how they go: so many deliveries later, all that was sealed at the order is there. */
const isDelivered = (status: NodeStatus, order: ReportOrder): boolean =>
  (order.networks ?? [{ url: status.network.url, ...order }]).every(({ url, waiting, delivered }) => {
    const { reports } = status.networks?.find((one) => one.url === url) ?? status;
    return reports.waiting === 0 || reports.delivered >= delivered + waiting;
  });

/** Of all networks; the failure is the first there is. */
const totalOf = ({ networks = [], reports }: NodeStatus): NodeStatus['reports'] =>
  networks.length === 0
    ? reports
    : {
        waiting: networks.reduce((sum, one) => sum + one.reports.waiting, 0),
        delivered: networks.reduce((sum, one) => sum + one.reports.delivered, 0),
        failure: networks.find((one) => one.reports.failure != null)?.reports.failure ?? null,
      };

/** @throws ReportNotDeliveredError */
const untilDelivered = async (
  daemon: ControlClient,
  order: ReportOrder,
  seconds: number,
  io: CommandIo,
  isWanted: boolean,
): Promise<NodeStatus> => {
  const progress = showProgress(io, isWanted);
  const untilMs = performance.now() + seconds * 1_000;
  try {
    for (;;) {
      const status = await daemon.status();
      if (isDelivered(status, order)) return status;
      progress.say(`${segments(totalOf(status).waiting)} left`);
      if (performance.now() > untilMs || io.signal.aborted) throw notDelivered(status, seconds);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    progress.end();
  }
};

const notDelivered = (status: NodeStatus, seconds: number): ReportNotDeliveredError => {
  const reports = totalOf(status);
  return new ReportNotDeliveredError(
    `${segments(reports.waiting)} not delivered after ${seconds} s${
      reports.failure == null ? '' : `: ${reports.failure.message} [${reports.failure.code}]`
    }`,
    { advice: 'Nothing is lost: the node keeps the segments and goes on trying.' },
  );
};
