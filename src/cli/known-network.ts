// Which network a command is about that asks no running node: one of the settings, or one the data directory has joined.
import type { Config } from '../config.js';
import { chooseNetwork, type NamedNetwork } from './choose-network.js';
import { UsageError } from './output.js';

export interface KnownNetwork extends NamedNetwork {
  /** The trust root it was joined with, else the one of the settings. */
  readonly genesis: string | undefined;
}

/** @throws UsageError when there is none, none is called so, or it is open which is meant */
export const knownNetwork = async (
  { networks, dataDir }: Config,
  wanted: string | undefined,
): Promise<KnownNetwork> => {
  const { readAccounts } = await import('../adapters/state/read-accounts.js');
  const accounts = await readAccounts(dataDir);
  const set = networks.length > 0 ? networks : accounts;
  if (set.length === 0) throw new UsageError('this node has not registered with any network yet');
  const known = set.map(({ url, genesis }): KnownNetwork => {
    const account = accounts.find((one) => one.url === url);
    return { url, name: account?.name ?? null, genesis: account?.genesis ?? genesis };
  });
  return chooseNetwork(known, wanted);
};
