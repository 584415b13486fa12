// The first moments of a node: takes its data directory, opens its key or makes it. Told where to die.
import { createIdentityStore } from '../../../../src/adapters/identity/keystore-identity.js';
import { openOrCreateIdentity } from '../../../../src/adapters/identity/open-or-create-identity.js';
import { obtainPassphrase } from '../../../../src/adapters/identity/passphrase.js';
import { openDataDirectory } from '../../../../src/adapters/state/data-directory.js';
import { keyOrder } from '../kill-order.js';
import { createDeath, say } from './die.js';
import { watchFiles } from './watch-files.js';

const { dataDir, kill } = keyOrder.parse(JSON.parse(process.argv[2] ?? ''));
if (kill?.step.at === 'disk') watchFiles(dataDir, kill.step, createDeath(kill).arrive);
const live = async (): Promise<void> => {
  const directory = await openDataDirectory(dataDir);
  const { identity, created } = await openOrCreateIdentity({
    store: createIdentityStore({ dir: dataDir, scrypt: { N: 2, r: 8, p: 1 } }),
    hasOtherState: () => directory.hasOtherState(),
    passphrase: async (purpose) =>
      (await obtainPassphrase({ purpose, dir: dataDir, mayGenerate: true })).text,
  });
  say({ word: 'identity', node: identity.nodeId, created });
  await directory.release();
};
void live();
