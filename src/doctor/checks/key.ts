// The node's key file: there, closed to others, and naming an address. It is never opened.
import { readdir } from 'node:fs/promises';
import { keyFileExists } from '../../adapters/identity/key-file.js';
import { readNodeId } from '../../adapters/identity/read-node-id.js';
import { dataPaths } from '../../adapters/state/data-paths.js';
import type { Check } from '../check.js';
import { failure, ok } from '../finding.js';
import { configOf } from '../subject.js';

export const keyFile: Check = {
  id: 'key.file',
  about: "The node's key file can be read by this user, by nobody else, and names the node's id.",
  async look(subject) {
    const { dataDir } = configOf(subject);
    const paths = dataPaths(dataDir);
    if (keyFileExists(paths.identity)) return ok(`${await readNodeId(dataDir)} in ${paths.identity}`);
    const networks = await readdir(paths.networks).catch(() => []);
    return networks.length === 0
      ? ok(`no key yet: the first start makes one in ${dataDir}`)
      : failure(
          `no key in ${dataDir}, which a node has used before`,
          'Is the disk mounted? Restore identity.json from your backup.',
        );
  },
};
