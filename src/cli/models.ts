// `models`: what the configuration lists and how far each model has come on this node.
import { Command } from 'commander';
import { answer, daemonOf, type NodeOptions, withPlace } from './node-options.js';
import { type CommandIo, printTable } from './output.js';

export const modelsCommand = (io: CommandIo): Command =>
  withPlace(new Command('models').description('list the models of the running node and their states'), [
    'models',
    'models --json',
  ]).action(async (options: NodeOptions) => {
    const { models } = await daemonOf(options, io).status();
    answer(io, options, { models }, () =>
      printTable(
        io,
        ['MODEL', 'STATE', 'REASON', 'DIGEST'],
        models.map(({ id, state, reason, digest }) => [id, state, reason ?? '-', digest]),
      ),
    );
  });
