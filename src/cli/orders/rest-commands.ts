// `drain` and `pause`: the node takes no jobs for a while. A pause gives the GPU back as well.
import { Command, Option } from 'commander';
import { orderNote } from '../../protocol/messages/orders.js';
import { answer, daemonOf, type NodeOptions, withPlace } from '../node-options.js';
import { type CommandIo, UsageError } from '../output.js';
import { awaitOrder } from './await-order.js';
import { orderSentence } from './order-words.js';
import { durationOption, momentOption } from './time-options.js';

interface RestOptions extends NodeOptions {
  readonly for?: number;
  readonly until?: number;
  readonly note?: string;
  readonly wait?: boolean;
}

const restCommand = (
  io: CommandIo,
  verb: 'drain' | 'pause',
  description: string,
  examples: readonly string[],
): Command => {
  const command = new Command(verb)
    .description(description)
    .addOption(
      new Option('--for <duration>', 'take jobs again after this long: 90s, 30m, 2h, 1d')
        .argParser(durationOption)
        .conflicts('until'),
    )
    .option('--until <time>', 'take jobs again at this time, ISO 8601', momentOption)
    .option('--note <text>', 'why; shown to you and to the network, up to 200 characters')
    .option('--wait', verb === 'drain' ? 'return when no job is left' : 'return when the GPU is free');
  return withPlace(command, examples).action(async (options: RestOptions) => {
    const { for: forMs, until: untilMs, note, wait = false, json } = options;
    if (note !== undefined && !orderNote.safeParse(note).success) {
      throw new UsageError('--note takes up to 200 characters');
    }
    const daemon = daemonOf(options, io);
    const given = await daemon.order({
      verb,
      ...(note !== undefined && { note }),
      ...(forMs !== undefined && { forMs }),
      ...(untilMs !== undefined && { untilMs }),
    });
    const order =
      given.order !== null && wait ? await awaitOrder(io, daemon, given.order, json !== true) : given.order;
    answer(io, options, { ...given, order }, ({ order: shown }) => {
      const sentence = shown === null ? 'The order is over already.' : orderSentence(shown, Date.now());
      io.stdout.write(`${sentence}\n`);
    });
  });
};

export const drainCommand = (io: CommandIo): Command =>
  restCommand(io, 'drain', 'finish running jobs and take no more; the model stays loaded', [
    'drain --wait && systemctl reboot',
    'drain --for 30m --note "moving cables"',
    'drain --until 2026-11-23T18:00 --json | jq .order.jobsLeft',
  ]);

export const pauseCommand = (io: CommandIo): Command =>
  restCommand(io, 'pause', 'finish running jobs, then free the GPU', [
    'pause --for 2h --note gaming',
    'pause --wait && ./my-training-run',
    'pause --until 2026-11-24T08:00:00Z',
  ]);
