// `retry`: the owner has mended what was wrong, and the Runtime that was given up on is started again.
import { Command } from 'commander';
import { answer, daemonOf, type NodeOptions, withPlace } from './node-options.js';
import type { CommandIo } from './output.js';

export const retryCommand = (io: CommandIo): Command =>
  withPlace(new Command('retry').description('start the Runtime again after the node has given it up'), [
    'retry',
    'retry --json | jq .retried',
  ]).action(async (options: NodeOptions) => {
    const outcome = await daemonOf(options, io).retryRuntime();
    answer(io, options, outcome, ({ retried, state }) =>
      io.stdout.write(
        retried
          ? 'The Runtime is started again; `resultity-node status` shows how far it is.\n'
          : `Nothing to retry: the Runtime is ${state}, and only one that is quarantined has been given up on.\n`,
      ),
    );
  });
