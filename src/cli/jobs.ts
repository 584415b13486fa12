// `jobs`: the latest attempts this node accepted, from its journal. Never a prompt, never an output.
import { Command, InvalidArgumentError } from 'commander';
import { chooseNetwork, networksOfStatus, withNetwork } from './choose-network.js';
import { answer, daemonOf, type NodeOptions, withPlace } from './node-options.js';
import { type CommandIo, printTable } from './output.js';

interface JobsOptions extends NodeOptions {
  readonly limit: number;
  readonly network?: string;
}

const limitOption = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1_000)
    throw new InvalidArgumentError('a number from 1 to 1000');
  return value;
};

export const jobsCommand = (io: CommandIo): Command =>
  withPlace(
    withNetwork(new Command('jobs').description('list the latest jobs of the running node')).option(
      '--limit <number>',
      'how many, newest first',
      limitOption,
      20,
    ),
    ['jobs', 'jobs --limit 100 --json', 'jobs --network mainnet'],
  ).action(async (options: JobsOptions) => {
    const daemon = daemonOf(options, io);
    const networks = networksOfStatus(await daemon.status());
    const { network } = options;
    const asked = network === undefined ? undefined : chooseNetwork(networks, network).url;
    const jobs = await daemon.jobs(options.limit, asked);
    const isOne = networks.length <= 1;
    answer(io, options, { jobs }, () =>
      printTable(
        io,
        [
          ...(isOne ? [] : ['NETWORK']),
          'JOB',
          'ATTEMPT',
          'STATE',
          'MODEL',
          'MODE',
          'OUTCOME',
          'TOKENS',
          'FIRST',
          'TOTAL',
          'VERDICT',
        ],
        jobs.map((job) => [
          ...(isOne ? [] : [job.network ?? '-']),
          job.job,
          String(job.attempt),
          job.state,
          job.model,
          `${job.endpoint}/${job.mode}`,
          job.outcome ?? '-',
          job.promptTokens === null ? '-' : `${job.promptTokens}+${job.completionTokens}`,
          job.firstTokenMs === null ? '-' : `${job.firstTokenMs} ms`,
          job.totalMs === null ? '-' : `${job.totalMs} ms`,
          job.verdict ?? '-',
        ]),
      ),
    );
  });
