// A network and a claimed, ready node as real processes: where most end-to-end tests begin.
import { join } from 'node:path';
import OpenAI from 'openai';
import { demoConfig } from '../../src/cli/demo/demo-models.js';
import { claimDemoNode } from '../../src/cli/demo/demo-node.js';
import {
  type RunningNetwork,
  type RunningNode,
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

export const clientOf = (network: RunningNetwork, apiKey: string): OpenAI =>
  new OpenAI({ baseURL: `${network.url}/v1`, apiKey, maxRetries: 0, timeout: 30_000 });

export const untilReady = (node: RunningNode): Promise<unknown> =>
  until(
    'the node is ready for jobs',
    () => node.control.status(),
    ({ idleReason, models }) => idleReason === null && models.every(({ state }) => state === 'active'),
  );

export const startWholeSystem = async (
  options: { readonly tokensPerSecond?: number; readonly slots?: number } = {},
): Promise<WholeSystem> => {
  const directory = await temporaryDirectory();
  const network = await startNetworkProcess(directory);
  const account = await network.admin.call('accounts.create', { name: 'tester' });
  const namespace = account.namespaces[0]?.namespace ?? '';
  await network.admin.call('deposit', { namespace, amount: '1000000' });
  const { secret } = await network.admin.call('keys.create', { namespace });
  const draft = await demoConfig(join(directory, 'models'), { slots: options.slots ?? 4 });
  await network.admin.call('config.publish', { draft: JSON.stringify(draft) });
  const node = startNodeProcess(directory, network.url, options);
  await until(
    'the node is connected',
    () => node.control.status(),
    (status) => status.network.connected,
  );
  await claimDemoNode(directory, network, new AbortController().signal);
  await untilReady(node);
  return { directory, network, node, apiKey: secret, namespace, client: clientOf(network, secret) };
};
