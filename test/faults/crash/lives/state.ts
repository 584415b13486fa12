// A node's small files from its first start: key, account, floor, configuration, failures of the Runtime.
import { join } from 'node:path';
import { createIdentityStore } from '../../../../src/adapters/identity/keystore-identity.js';
import { openDataDirectory } from '../../../../src/adapters/state/data-directory.js';
import { openNetworkState } from '../../../../src/adapters/state/network-state.js';
import { openRuntimeHistory } from '../../../../src/adapters/state/runtime-history.js';
import { accountOf, configOf, failuresOf, PASSPHRASE } from '../state-values.js';
import { promiser } from './promise.js';

const [root = '', says = ''] = process.argv.slice(2);
const promise = promiser(says);
const directory = await openDataDirectory(join(root, 'data'));
const { paths } = directory;
const identity = createIdentityStore({ dir: paths.root, scrypt: { N: 2, r: 1, p: 1 } });
promise(`identity ${(await identity.create(PASSPHRASE)).nodeId}`);

await directory.makeNetwork('devnet');
const state = await openNetworkState(paths.network('devnet'), 'devnet');
const { store: failures } = await openRuntimeHistory(paths.runtime);
for (let number = 1; number <= 5; number++) {
  await state.account.update(() => accountOf(number));
  promise(`account ${number}`);
  // Recorded before it is in force: the floor may be ahead of the configuration, never behind.
  await state.floor.update(() => ({ config_version: number }));
  promise(`floor ${number}`);
  await state.writeConfig(configOf(number));
  promise(`config ${number}`);
  await failures.update(() => failuresOf(number));
  promise(`failures ${number}`);
}
await directory.release();
