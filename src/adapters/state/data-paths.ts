// Where everything lies in the data directory, and nothing else.
import { join } from 'node:path';
import { networkName } from '../../protocol/primitives.js';

export interface NetworkPaths {
  readonly directory: string;
  readonly account: string;
  readonly config: string;
  readonly configPrevious: string;
  readonly floor: string;
  /** The order to drain or pause that is in force. */
  readonly order: string;
  /** Directory of the job journal and outbox. */
  readonly jobs: string;
  /** Directory of the report log's segments. */
  readonly logs: string;
}

export interface DataPaths {
  readonly root: string;
  readonly lock: string;
  readonly identity: string;
  /** A generated passphrase, where the owner gave none. */
  readonly passphrase: string;
  /** Opens the console's API. */
  readonly consoleToken: string;
  readonly networks: string;
  /** Directory of installed models, shared by the networks. */
  readonly models: string;
  /** Directory of the runtimes' sockets, one folder per start. */
  readonly runtime: string;
  /** @throws ZodError when it is not a network's name */
  network(name: string): NetworkPaths;
}

export const dataPaths = (root: string): DataPaths => ({
  root,
  lock: join(root, 'lock'),
  identity: join(root, 'identity.json'),
  passphrase: join(root, 'passphrase'),
  consoleToken: join(root, 'console.token'),
  networks: join(root, 'networks'),
  models: join(root, 'models'),
  runtime: join(root, 'runtime'),
  network(name) {
    const directory = join(root, 'networks', networkName.parse(name));
    return {
      directory,
      account: join(directory, 'account.json'),
      config: join(directory, 'config.json'),
      configPrevious: join(directory, 'config.previous.json'),
      floor: join(directory, 'floor.json'),
      order: join(directory, 'order.json'),
      jobs: join(directory, 'jobs'),
      logs: join(directory, 'logs'),
    };
  },
});
