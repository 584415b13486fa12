// Looking at a running network: status, nodes, jobs, ledger.
import { Command } from 'commander';
import type { AdminOutput } from '../../network/admin/admin-verbs.js';
import { formatCredits } from '../../network/admin/credits.js';
import { type CommandIo, printFacts, printTable } from '../output.js';
import { countOption } from './arguments.js';
import { adminOf, answer, type SharedOptions, shared, when } from './network-context.js';

type ListOptions = SharedOptions & { readonly limit: number };

type NodeRow = AdminOutput<'nodes'>['nodes'][number];

const DASH = '-';
const LIMIT = ['--limit <count>', 'newest entries to show', countOption(1, 10_000), 50] as const;
/** A name column is wide enough; the whole id is in the JSON. */
const SHORT_ID = 10;

export const statusCommand = (io: CommandIo): Command =>
  shared(new Command('status').description('show what the network serves and how it is doing'), [
    'status',
    'status --json | jq .nodes.online',
  ]).action(async (options: SharedOptions) => {
    const status = await adminOf(options, io).call('status', {});
    answer(io, options, status, ({ config, nodes, jobs, models, ...rest }) =>
      printFacts(io, {
        Network: `${rest.name} (chain ${rest.chain_id})`,
        URL: rest.url,
        Genesis: rest.genesis,
        Data: rest.data_dir,
        Process: `${rest.pid}, since ${when(rest.started_ms)}`,
        Configuration: config === null ? 'none: publish one' : `version ${config.version}, ${config.digest}`,
        Models: models.map(({ id, nodes }) => `${id} (${nodes})`).join(', ') || DASH,
        Nodes: `${nodes.online} of ${nodes.registered} online`,
        Jobs:
          Object.entries(jobs)
            .map(([state, count]) => `${count} ${state}`)
            .join(', ') || DASH,
      }),
    );
  });

export const nodesCommand = (io: CommandIo): Command =>
  shared(new Command('nodes').description('list the registered nodes'), [
    'nodes',
    "nodes --json | jq '.nodes[] | select(.online)'",
  ]).action(async (options: SharedOptions) => {
    const list = await adminOf(options, io).call('nodes', {});
    answer(io, options, list, ({ nodes }) =>
      printTable(
        io,
        ['NODE', 'LABEL', 'ONLINE', 'ORDER', 'STANDING', 'OWNER', 'MODELS', 'JOBS', 'EARNED', 'LAST SEEN'],
        nodes.map((node) => [
          node.node,
          node.label ?? DASH,
          node.online ? 'yes' : 'no',
          node.order === null ? DASH : orderCell(node.order),
          node.standing,
          node.owner ?? DASH,
          node.models.join(',') || DASH,
          String(node.jobs),
          formatCredits(BigInt(node.earned)),
          when(node.last_seen_ms),
        ]),
      ),
    );
  });

/** `pause by owner until 2026-11-23 10:42:00Z: gaming` */
const orderCell = ({ kind, by, until_ms, note }: NonNullable<NodeRow['order']>): string =>
  `${kind} by ${by}${until_ms === undefined ? '' : ` until ${when(until_ms)}`}${note === undefined ? '' : `: ${note}`}`;

export const jobsCommand = (io: CommandIo): Command =>
  shared(new Command('jobs').description('list jobs, newest first').option(...LIMIT), [
    'jobs',
    'jobs --limit 5 --json',
  ]).action(async (options: ListOptions) => {
    const list = await adminOf(options, io).call('jobs', { limit: options.limit });
    answer(io, options, list, ({ jobs }) =>
      printTable(
        io,
        ['JOB', 'STATE', 'MODEL', 'ENDPOINT', 'MODE', 'NAMESPACE', 'CREATED', 'MS', 'NODES'],
        jobs.map((job) => [
          job.job,
          job.state,
          job.model,
          job.endpoint,
          job.mode,
          job.namespace,
          when(job.created_ms),
          job.finished_ms === null ? DASH : String(job.finished_ms - job.created_ms),
          job.attempts.map(({ node, state }) => `${node.slice(0, SHORT_ID)}:${state}`).join(' ') || DASH,
        ]),
      ),
    );
  });

export const ledgerCommand = (io: CommandIo): Command =>
  shared(
    new Command('ledger')
      .description('list movements of credits, newest first')
      .option(...LIMIT)
      .option('--job <id>', 'only those of one job'),
    ['ledger', 'ledger --job 01JD3Q9V6Y5T0M8K2N4P6R8S0W'],
  ).action(async (options: ListOptions & { job?: string }) => {
    const { limit, job } = options;
    const list = await adminOf(options, io).call('ledger', { limit, ...(job !== undefined && { job }) });
    answer(io, options, list, ({ entries }) =>
      printTable(
        io,
        ['TIME', 'KIND', 'CREDITS', 'NAMESPACE', 'JOB', 'NODE', 'TOKENS IN', 'TOKENS OUT'],
        entries.map((entry) => [
          when(entry.at_ms),
          entry.kind,
          formatCredits(BigInt(entry.amount)),
          entry.namespace,
          entry.job ?? DASH,
          entry.node ?? DASH,
          entry.usage === null ? DASH : String(entry.usage.prompt_tokens),
          entry.usage === null ? DASH : String(entry.usage.completion_tokens),
        ]),
      ),
    );
  });
