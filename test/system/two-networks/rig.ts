// One node in two networks, all real processes: the one its owner prefers first.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type OpenAI from 'openai';
import { claimDemoNode } from '../../../src/cli/demo/demo-node.js';
import type { NetworkStatus } from '../../../src/console/node-view.js';
import type { ConfigDraft } from '../../../src/network/publishing/config-publisher.js';
import {
  type RunningNetwork,
  type RunningNode,
  startNetworkProcess,
  startNodeProcess,
  temporaryDirectory,
  until,
} from '../../e2e/processes.js';
import { clientOf, draftIn, publish } from '../../e2e/whole-system.js';

export interface OwnNetwork extends RunningNetwork {
  readonly name: string;
  /** Holds its data directory. */
  readonly place: string;
  readonly apiKey: string;
  readonly client: OpenAI;
}

const startOne = async (
  directory: string,
  name: string,
  chainId: number,
  draft: ConfigDraft,
): Promise<OwnNetwork> => {
  const place = join(directory, name);
  const network = await startNetworkProcess(place, 0, ['--name', name, '--chain-id', String(chainId)]);
  const account = await network.admin.call('accounts.create', { name: 'tester' });
  const namespace = account.namespaces[0]?.namespace ?? '';
  await network.admin.call('deposit', { namespace, amount: '1000000' });
  const { secret } = await network.admin.call('keys.create', { namespace });
  await publish(network, draft);
  return { ...network, name, place, apiKey: secret, client: clientOf(network, secret) };
};

/** The simulator as the configuration in force wants it, with nothing of the owner's. */
const OWN_ENGINE = ['--runtime-driver', 'process', '--runtime-engine', 'simulator'];

export const withFlags = (draft: ConfigDraft, flags: Record<string, string>): ConfigDraft => ({
  ...draft,
  runtimes: draft.runtimes.map((runtime) => ({ ...runtime, flags })),
});

export const withoutModels = (draft: ConfigDraft): ConfigDraft => ({
  ...draft,
  models: draft.models.map((model) => ({ ...model, enabled: false })),
});

export interface TwoNetworks {
  readonly directory: string;
  readonly draft: ConfigDraft;
  /** Preferred. */
  readonly mainnet: OwnNetwork;
  readonly testnet: OwnNetwork;
  readonly node: RunningNode;
}

export const startNode = (directory: string, mainnet: RunningNetwork, testnet: RunningNetwork): RunningNode =>
  startNodeProcess(directory, mainnet.url, { runtime: OWN_ENGINE, more: ['--network-url', testnet.url] });

/** @param amend what each network publishes, out of the same draft */
export const startTwoNetworks = async (
  amend: {
    readonly mainnet?: (draft: ConfigDraft) => ConfigDraft;
    readonly testnet?: typeof amend.mainnet;
  } = {},
): Promise<TwoNetworks> => {
  const directory = await temporaryDirectory();
  const draft = await draftIn(directory, 2);
  const mainnet = await startOne(directory, 'mainnet', 1111, amend.mainnet?.(draft) ?? draft);
  const testnet = await startOne(directory, 'testnet', 2222, amend.testnet?.(draft) ?? draft);
  const node = startNode(directory, mainnet, testnet);
  await until(
    'both networks are connected',
    () => networks(node),
    (all) => all.length === 2 && all.every(({ connected }) => connected),
  );
  for (const network of [mainnet, testnet]) {
    await claimDemoNode(directory, network, new AbortController().signal);
  }
  return { directory, draft, mainnet, testnet, node };
};

export const networks = async (node: RunningNode): Promise<readonly NetworkStatus[]> =>
  (await node.control.status()).networks ?? [];

export const inNetwork = async (node: RunningNode, { name }: OwnNetwork): Promise<NetworkStatus> => {
  const found = (await networks(node)).find((one) => one.name === name);
  if (found === undefined) throw new Error(`the node is not in ${name}`);
  return found;
};

export const isServing = ({ idleReason, models }: NetworkStatus): boolean =>
  idleReason === null && models.length > 0 && models.every(({ state }) => state === 'active');

export const untilServing = (node: RunningNode, network: OwnNetwork): Promise<NetworkStatus> =>
  until(`${network.name} is served`, () => inNetwork(node, network), isServing, 60_000);

/** Answers with the id of the job. */
export const ask = async ({ client }: OwnNetwork, content = 'Please.'): Promise<string> => {
  const { id, choices } = await client.chat.completions.create({
    model: 'demo-chat',
    messages: [{ role: 'user', content }],
    max_tokens: 4,
  });
  if (choices[0]?.finish_reason !== 'length') throw new Error(`an odd answer: ${JSON.stringify(choices)}`);
  return id;
};

/** Processes of engines that this node has started and that live. */
export const enginesOf = async ({ control }: RunningNode): Promise<readonly number[]> => {
  const { pid } = await control.status();
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // Source: proc(5): pid (comm) state ppid …; comm may hold anything, parentheses too.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(parent) === pid && state !== 'Z') found.push(Number(name));
  }
  return found;
};

/** Every byte below a directory, for what must not be there. */
export const bytesBelow = async (directory: string): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      parts.push(await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0)));
  }
  return Buffer.concat(parts);
};
