// Orders of the network's operator to one node: to rest for a while, or to go on.
import { Argument, Command, Option } from 'commander';
import { NodeError } from '../../errors.js';
import type { AdminOutput } from '../../network/admin/admin-verbs.js';
import { orderVerb } from '../../protocol/messages/orders.js';
import { durationOption, momentOption } from '../orders/time-options.js';
import type { CommandIo } from '../output.js';
import { adminOf, answer, type SharedOptions, shared, when } from './network-context.js';

interface OrderOptions extends SharedOptions {
  readonly for?: number;
  readonly until?: number;
  readonly note?: string;
}

/** The node heard the order and does not follow it. */
class OrderNotFollowedError extends NodeError {
  readonly code = 'ORDER_NOT_FOLLOWED';
  readonly retryable = false;
}

const WHY: Readonly<Record<string, string>> = {
  owner_order: 'its owner has ordered otherwise, and only the owner can lift that',
  until_passed: 'by its clock, the time at which the order should end has passed',
  too_many: 'too many orders wait there',
  not_recorded: 'it could not write the order down',
  unknown_verb: 'it does not know this order',
};

export const orderCommand = (io: CommandIo): Command => {
  const command = new Command('order')
    .description('order a connected node to drain, to pause, or to go on')
    .argument('<node>', 'the address of the node')
    .addArgument(new Argument('<verb>', 'what it shall do').choices(orderVerb.options))
    .addOption(
      new Option('--for <duration>', 'let it go on after this long: 90s, 30m, 2h, 1d')
        .argParser(durationOption)
        .conflicts('until'),
    )
    .option('--until <time>', 'let it go on at this time, ISO 8601', momentOption)
    .option('--note <text>', 'why; shown to its owner, up to 200 characters');
  return shared(command, [
    'order 0x52908400098527886E0F7030069857D2E4169EE7 drain --for 30m --note "new release"',
    'order 0x52908400098527886E0F7030069857D2E4169EE7 resume',
  ]).action(async (node: string, verb: (typeof orderVerb.options)[number], options: OrderOptions) => {
    const until = options.until ?? (options.for === undefined ? undefined : Date.now() + options.for);
    const result = await adminOf(options, io).call('nodes.order', {
      node,
      verb,
      ...(options.note !== undefined && { note: options.note }),
      ...(until !== undefined && { until_ms: until }),
    });
    if (result.outcome !== 'done') throw notFollowed(result);
    answer(io, options, result, () => {
      const end = until === undefined || verb === 'resume' ? '' : ` until ${when(until)}`;
      io.stdout.write(`${node} follows the order: ${verb}${end}.\n`);
    });
  });
};

const notFollowed = ({ node, outcome, reason }: AdminOutput<'nodes.order'>): OrderNotFollowedError =>
  new OrderNotFollowedError(
    `${node} does not follow the order (${outcome}): ${WHY[reason ?? ''] ?? reason ?? 'it does not say why'}`,
    {
      advice:
        'See `network nodes` for the order it follows. The network can stop sending it jobs all the same.',
    },
  );
