// `jobs`: the latest attempts this node accepted, from its journal. Never a prompt, never an output.
import { Command, InvalidArgumentError } from 'commander';
import { answer, daemonOf, type NodeOptions, withPlace } from './node-options.js';
import { type CommandIo, printTable } from './output.js';

interface JobsOptions extends NodeOptions {
  readonly limit: number;
}

const limitOption = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1_000)
    throw new InvalidArgumentError('a number from 1 to 1000');
  return value;
};

export const jobsCommand = (io: CommandIo): Command =>
  withPlace(
    new Command('jobs')
      .description('list the latest jobs of the running node')
      .option('--limit <number>', 'how many, newest first', limitOption, 20),
    ['jobs', 'jobs --limit 100 --json'],
  ).action(async (options: JobsOptions) => {
    const jobs = await daemonOf(options, io).jobs(options.limit);
    answer(io, options, { jobs }, () =>
      printTable(
        io,
        ['JOB', 'ATTEMPT', 'STATE', 'MODEL', 'MODE', 'OUTCOME', 'TOKENS', 'FIRST', 'TOTAL', 'VERDICT'],
        jobs.map((job) => [
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
