// `resume`: lifts an order to drain or pause, whoever gave it.
import { Command } from 'commander';
import type { OrderAnswer } from '../../console/order-view.js';
import { answer, daemonOf, type NodeOptions, withPlace } from '../node-options.js';
import type { CommandIo } from '../output.js';

export const resumeCommand = (io: CommandIo): Command =>
  withPlace(new Command('resume').description('take jobs again, after `drain` or `pause`'), [
    'resume',
    'resume --json | jq .stage',
  ]).action(async (options: NodeOptions) => {
    const given = await daemonOf(options, io).order({ verb: 'resume' });
    answer(io, options, given, (told) => io.stdout.write(`${inWords(told)}\n`));
  });

const inWords = ({ before }: OrderAnswer): string => {
  if (before === null) return 'Nothing to resume: no order to drain or pause is in force.';
  if (!before.freed) return 'Takes jobs again.';
  return 'Takes jobs again as soon as the model is loaded; `resultity-node status` shows how far it is.';
};
