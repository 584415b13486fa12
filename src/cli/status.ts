// `status`: the node at a glance, from the running daemon.
import { Command } from 'commander';
import type { NodeStatus } from '../console/node-view.js';
import { answer, daemonOf, type NodeOptions, withPlace } from './node-options.js';
import { orderFacts } from './orders/order-words.js';
import { type CommandIo, printFacts } from './output.js';

export const statusCommand = (io: CommandIo): Command =>
  withPlace(new Command('status').description('show what the running node is doing, and why'), [
    'status',
    'status --json | jq .stage',
    'status --data-dir /var/lib/resultity',
  ]).action(async (options: NodeOptions) => {
    const status = await daemonOf(options, io).status();
    answer(io, options, status, (shown) => show(io, shown, Date.now()));
  });

const show = (io: CommandIo, status: NodeStatus, nowMs: number): void => {
  const networks = status.networks ?? [];
  if (networks.length <= 1) {
    printFacts(io, describe(status, nowMs));
    return;
  }
  printFacts(
    io,
    pick(describe(status, nowMs), (name) => !OF_A_NETWORK.has(name)),
  );
  for (const own of networks) {
    io.stdout.write('\n');
    const { hasRuntime, runtimeHolder } = own;
    printFacts(io, {
      ...pick(describe({ ...status, ...own, network: own, journal: null }, nowMs), (name) =>
        OF_A_NETWORK.has(name),
      ),
      'Has the Runtime': hasRuntime ? 'yes' : runtimeHolder === null ? 'no' : `no, ${runtimeHolder} has it`,
    });
  }
};

/** Facts that each network has for itself. */
const OF_A_NETWORK: ReadonlySet<string> = new Set([
  'Network',
  'Second process',
  'Stage',
  'Order',
  'No jobs because',
  'Problem',
  'What to do',
  'Standing',
  'Configuration',
  'Models',
  'Jobs',
  'Journal',
  'Reports',
]);

const pick = (
  facts: Readonly<Record<string, string>>,
  isWanted: (name: string) => boolean,
): Record<string, string> => Object.fromEntries(Object.entries(facts).filter(([name]) => isWanted(name)));

const ago = (ms: number, nowMs: number): string => {
  const seconds = Math.max(0, Math.round((nowMs - ms) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
};

const inTime = (ms: number, nowMs: number): string => {
  const seconds = Math.ceil((ms - nowMs) / 1000);
  return seconds <= 0 ? 'now' : `in ${seconds} s`;
};

const secondProcess = (seen: NodeStatus['network']['elsewhere'], nowMs: number): Record<string, string> => {
  if (seen === undefined || seen === null) return {};
  const where = `at ${seen.address}, ${ago(seen.atMs, nowMs)}`;
  return {
    'Second process': seen.holdsSession
      ? `has this node's key and its session: connected ${where}`
      : `tried to connect with this node's key ${where}, and was refused: stop it`,
  };
};

const describe = (status: NodeStatus, nowMs: number): Record<string, string> => {
  const { network, runtime, jobs, reports, config, failure } = status;
  const seen = network.lastAckMs === null ? '' : `, last answer ${ago(network.lastAckMs, nowMs)}`;
  return {
    Stage: status.stage,
    ...(status.idleReason === null ? {} : { 'No jobs because': status.idleReason }),
    ...(status.order == null ? {} : { Order: orderFacts(status.order, nowMs) }),
    ...(failure === null ? {} : { Problem: `${failure.message} [${failure.code}]` }),
    ...(failure?.advice === undefined ? {} : { 'What to do': failure.advice }),
    Node: status.nodeId ?? 'unknown yet',
    Network: `${network.name ?? 'not joined yet'} at ${network.url}, ${network.connected ? 'connected' : 'not connected'}${seen}`,
    ...secondProcess(network.elsewhere, nowMs),
    Standing: `${network.standing ?? 'unknown'}${network.account === null ? ', not claimed: earns nothing' : `, claimed by ${network.account}`}`,
    Configuration: config === null ? 'none yet' : `version ${config.version}, ${config.digest.slice(0, 19)}…`,
    Runtime: `${runtime.engine} (${runtime.driver}), ${runtime.state}${runtime.version === null ? '' : `, ${runtime.version}`}${runtime.restarts === 0 ? '' : `, ${runtime.restarts} restarts`}`,
    ...(runtime.failure === null
      ? {}
      : {
          [runtime.state === 'ready' ? 'Overcome' : 'Runtime problem']:
            `${runtime.failure.message} [${runtime.failure.code}]`,
        }),
    ...(runtime.failure?.advice === undefined || runtime.state === 'ready'
      ? {}
      : { 'What helps it': runtime.failure.advice }),
    ...(typeof runtime.retryAtMs === 'number'
      ? {
          'Started again': `by itself ${inTime(runtime.retryAtMs, nowMs)}, or at once with \`resultity-node retry\``,
        }
      : {}),
    ...(typeof runtime.doubt === 'string' ? { 'Suspect because': runtime.doubt } : {}),
    ...(runtime.behind === undefined || runtime.behind === null
      ? {}
      : {
          'Serves the old one': `the configuration asks for another Runtime: ${runtime.behind.message} [${runtime.behind.code}]`,
        }),
    ...(runtime.controlled === false
      ? { 'Container engine': 'does not answer; the Runtime in it goes on serving' }
      : {}),
    Models: status.models.map(({ id, state }) => `${id} ${state}`).join(', ') || 'none',
    Jobs: `${jobs.running} running, ${jobs.queued} queued, ${jobs.slots} slots, ${jobs.outbox} results to deliver`,
    ...(status.journal?.hasRoom === false
      ? {
          Journal:
            'takes no new jobs: full of results the network has not taken, or its disk is full or fails',
        }
      : {}),
    Reports: `${reports.delivered} delivered, ${reports.waiting} waiting${reports.failure == null ? '' : `; ${reports.failure.message} [${reports.failure.code}]`}`,
    ...repairsOf(status.repairs ?? []),
    Running: `version ${status.agentVersion}, process ${status.pid}, since ${ago(status.startedMs, nowMs)}`,
  };
};

const BECAME: Readonly<Record<NonNullable<NodeStatus['repairs']>[number]['how'], string>> = {
  previous: 'the copy before is used',
  rebuilt: 'made anew from what the network has signed',
  fetched: 'the network is asked for it anew',
  begun_anew: 'it begins anew',
  set_aside: 'damaged entries are set aside',
};

const repairsOf = (repairs: NonNullable<NodeStatus['repairs']>): Record<string, string> =>
  repairs.length === 0
    ? {}
    : {
        'Was damaged': repairs
          .map(({ what, how, kept }) => [`${what}: ${BECAME[how]}`, ...kept.map((name) => `kept as ${name}`)])
          .map((parts) => parts.join(', '))
          .join('; '),
        'Then do':
          'Check the disk of the data directory; the damaged copies can be deleted when all is well.',
      };
