// A network and a claimed, ready node as real processes: where most end-to-end tests begin.
import { join } from 'node:path';
import OpenAI from 'openai';
import { demoConfig } from '../../src/cli/demo/demo-models.js';
import { claimDemoNode } from '../../src/cli/demo/demo-node.js';
import type { JobLine } from '../../src/console/node-view.js';
import type { ConfigDraft } from '../../src/network/publishing/config-publisher.js';
import {
  type NodeProcessOptions,
  type RunningNetwork,
  type RunningNode,
  type Surroundings,
  startNetworkProcess,
  startNodeProcess,
  temporaryDirectory,
  until,
} from './processes.js';

export interface WholeSystem {
  readonly directory: string;
  readonly network: RunningNetwork;
  readonly node: RunningNode;
  readonly apiKey: string;
  readonly namespace: string;
  readonly client: OpenAI;
}

export const clientOf = (network: RunningNetwork, apiKey: string, timeout = 30_000): OpenAI =>
  new OpenAI({ baseURL: `${network.url}/v1`, apiKey, maxRetries: 0, timeout });

export const untilReady = (node: RunningNode, limitMs?: number): Promise<unknown> =>
  until(
    'the node is ready for jobs',
    () => node.control.status(),
    ({ idleReason, models }) => idleReason === null && models.every(({ state }) => state === 'active'),
    limitMs,
  );

export interface WholeSystemOptions extends NodeProcessOptions {
  readonly slots?: number;
  readonly networkFlags?: readonly string[];
  readonly networkAround?: Surroundings;
  /** The URL the node is given, in place of the network's own. */
  readonly reach?: (network: RunningNetwork) => string;
  /** In place of the demo's configuration. */
  readonly draft?: () => Promise<ConfigDraft>;
  /** Changes the configuration before it is published. */
  readonly amend?: (draft: ConfigDraft) => ConfigDraft;
  /** In place of a claim by a wallet made for the test. */
  readonly claim?: (node: RunningNode, network: RunningNetwork) => Promise<unknown>;
  /** The node is not ready for jobs at the end, and need not be. */
  readonly isUnready?: boolean;
  /** Made ready before the node starts. @param directory in which its data directory will be */
  readonly before?: (directory: string) => void;
  /** How long node and Runtime may take; milliseconds. */
  readonly readyWithinMs?: number;
}

export const publish = async (network: RunningNetwork, draft: ConfigDraft): Promise<number> => {
  const { version } = await network.admin.call('config.publish', { draft: JSON.stringify(draft) });
  return version;
};

/** The demo's configuration with model sources in the directory. */
export const draftIn = (directory: string, slots = 4): Promise<ConfigDraft> =>
  demoConfig(join(directory, 'models'), { slots });

export const startWholeSystem = async (options: WholeSystemOptions = {}): Promise<WholeSystem> => {
  const directory = await temporaryDirectory();
  const network = await startNetworkProcess(directory, 0, options.networkFlags, options.networkAround);
  const account = await network.admin.call('accounts.create', { name: 'tester' });
  const namespace = account.namespaces[0]?.namespace ?? '';
  await network.admin.call('deposit', { namespace, amount: '1000000' });
  const { secret } = await network.admin.call('keys.create', { namespace });
  const draft = await (options.draft?.() ?? draftIn(directory, options.slots));
  await publish(network, options.amend?.(draft) ?? draft);
  options.before?.(directory);
  const node = startNodeProcess(directory, options.reach?.(network) ?? network.url, options);
  await until(
    'the node is connected',
    () => node.control.status(),
    (status) => status.network.connected,
    options.readyWithinMs,
  );
  if (options.claim === undefined) await claimDemoNode(directory, network, new AbortController().signal);
  else await options.claim(node, network);
  if (options.isUnready !== true) await untilReady(node, options.readyWithinMs);
  return { directory, network, node, apiKey: secret, namespace, client: clientOf(network, secret) };
};

/**
 * The attempts a node has accepted, once the network acknowledged each of them. A job that is complete at the network
 * may be some milliseconds ahead of the node's journal.
 * @param jobs only these; all unless told
 */
export const untilAcknowledged = (node: RunningNode, jobs?: readonly string[]): Promise<readonly JobLine[]> =>
  until(
    'every accepted attempt is acknowledged',
    async () => (await node.control.jobs(1_000)).filter(({ job }) => jobs?.includes(job) ?? true),
    (attempts) => attempts.length > 0 && attempts.every(({ state }) => state === 'acknowledged'),
  );
