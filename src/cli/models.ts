// `models`: what the configuration lists and how far each model has come on this node.
import { Command } from 'commander';
import { chooseNetwork, networksOfStatus, withNetwork } from './choose-network.js';
import { answer, daemonOf, type NodeOptions, withPlace } from './node-options.js';
import { type CommandIo, printTable } from './output.js';

interface ModelsOptions extends NodeOptions {
  readonly network?: string;
}

export const modelsCommand = (io: CommandIo): Command =>
  withPlace(
    withNetwork(new Command('models').description('list the models of the running node and their states')),
    ['models', 'models --network mainnet --json'],
  ).action(async (options: ModelsOptions) => {
    const status = await daemonOf(options, io).status();
    const all = networksOfStatus(status);
    const asked = options.network === undefined ? all : [chooseNetwork(all, options.network)];
    const models = asked.flatMap((one) => one.models.map((model) => ({ network: one.name, ...model })));
    const isOne = all.length === 1;
    answer(io, options, { models }, () =>
      printTable(
        io,
        [...(isOne ? [] : ['NETWORK']), 'MODEL', 'STATE', 'REASON', 'DIGEST'],
        models.map(({ network, id, state, reason, digest }) => [
          ...(isOne ? [] : [network ?? '-']),
          id,
          state,
          reason ?? '-',
          digest,
        ]),
      ),
    );
  });
