// `retry`: the owner has mended what was wrong. What failed is forgotten, and the Runtime is tried again at once.
import { Command } from 'commander';
import { answer, daemonOf, type NodeOptions, withPlace } from './node-options.js';
import type { CommandIo } from './output.js';

export const retryCommand = (io: CommandIo): Command =>
  withPlace(
    new Command('retry').description('try the Runtime again at once, after it failed or was given up'),
    ['retry', 'retry --json | jq .retried'],
  ).action(async (options: NodeOptions) => {
    const outcome = await daemonOf(options, io).retryRuntime();
    answer(io, options, outcome, (told) => io.stdout.write(`${inWords(told)}\n`));
  });

const inWords = ({ retried, state }: { retried: boolean; state: string }): string => {
  if (!retried) {
    return `Nothing to retry: the Runtime is ${state}, and neither waits after a failure nor was given up.`;
  }
  const what =
    state === 'ready'
      ? 'The new Runtime is prepared again while the old one serves'
      : 'The Runtime is started again';
  return `${what}; \`resultity-node status\` shows how far it is.`;
};
