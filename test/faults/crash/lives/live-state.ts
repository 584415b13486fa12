// A node's small files from its first start: key, account, floor, configuration, the Runtime's failures and proof.
import { createIdentityStore } from '../../../../src/adapters/identity/keystore-identity.js';
import { openDataDirectory } from '../../../../src/adapters/state/data-directory.js';
import type { DataPaths } from '../../../../src/adapters/state/data-paths.js';
import { openNetworkState } from '../../../../src/adapters/state/network-state.js';
import { openProvenRuntime } from '../../../../src/adapters/state/proven-runtime.js';
import { openRuntimeHistory } from '../../../../src/adapters/state/runtime-history.js';
import { accountOf, configOf, failuresOf, PASSPHRASE, provenOf } from '../state-values.js';

/** @param last every file is written so many times. @param andThen what else is done while the directory is held */
export const liveState = async (
  data: string,
  promise: (text: string) => void,
  last: number,
  andThen: (paths: DataPaths) => Promise<void> = async () => {},
): Promise<void> => {
  const directory = await openDataDirectory(data);
  const { paths } = directory;
  const identity = createIdentityStore({ dir: paths.root, scrypt: { N: 2, r: 1, p: 1 } });
  promise(`identity ${(await identity.create(PASSPHRASE)).nodeId}`);
  // In the daemon's order: what makes a directory must bring its name to the disk, whoever comes first.
  const { store: proven } = await openProvenRuntime(paths.runtime);
  const { store: failures } = await openRuntimeHistory(paths.runtime);
  await directory.makeNetwork('devnet');
  const state = await openNetworkState(paths.network('devnet'), 'devnet');
  for (let number = 1; number <= last; number++) {
    await state.account.update(() => accountOf(number));
    promise(`account ${number}`);
    // Recorded before it is in force: the floor may be ahead of the configuration, never behind.
    await state.floor.update(() => ({ config_version: number }));
    promise(`floor ${number}`);
    await state.writeConfig(configOf(number));
    promise(`config ${number}`);
    await failures.update(() => failuresOf(number));
    promise(`failures ${number}`);
    await proven.update(() => provenOf(number));
    promise(`proven ${number}`);
  }
  await andThen(paths);
  await directory.release();
};
