// Which of the node's networks a command is about, where there are several: by name or by URL.
import { type Command, Option } from 'commander';
import { httpBase } from '../config/http-base.js';
import type { NetworkStatus, NodeStatus } from '../console/node-view.js';
import { UsageError } from './output.js';

export interface NamedNetwork {
  /** null until the network was met for the first time. */
  readonly name: string | null;
  readonly url: string;
}

export const withNetwork = (command: Command): Command =>
  command.addOption(new Option('--network <name>', 'one of the networks of the node, by name or URL'));

const show = ({ name, url }: NamedNetwork): string => (name === null ? url : `${name} (${url})`);

const listed = (networks: readonly NamedNetwork[]): string => networks.map(show).join(', ');

/** @throws UsageError that lists the networks, when none of them is called so, or it is open which is meant */
export const chooseNetwork = <N extends NamedNetwork>(
  networks: readonly N[],
  wanted: string | undefined,
): N => {
  if (wanted === undefined) {
    const [only, ...more] = networks;
    if (only !== undefined && more.length === 0) return only;
    throw new UsageError(`this node belongs to several networks: ${listed(networks)}`, {
      advice: 'Say which one you mean with --network.',
    });
  }
  const found = networks.find(({ name, url }) => name === wanted || url === httpBase(wanted));
  if (found !== undefined) return found;
  throw new UsageError(`this node has no network ${JSON.stringify(wanted)}, but ${listed(networks)}`, {
    advice: 'Name one of these with --network.',
  });
};

/** As the running node tells them; one that is older than its command has told of the first alone. */
export const networksOfStatus = (status: NodeStatus): readonly (NetworkStatus & NamedNetwork)[] =>
  (status.networks ?? []).map((one) => ({ ...one, url: one.url ?? '' }));
