// The demo's network: started in this process, with an account, credits, an API key and a published configuration.
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type AdminClient, createAdminClient } from '../../network/admin/admin-client.js';
import type { JobDesk } from '../../network/desk/job-desk.js';
import { networkPaths } from '../../network/main/network-paths.js';
import { startNetwork } from '../../network/main/start-network.js';
import { readPageToken } from '../../pages/page-token.js';
import type { DemoEngine } from './demo-engine.js';

export interface DemoNetwork {
  readonly url: string;
  /** Address of its page, token included; null: it has none. */
  readonly pageLink: string | null;
  readonly genesis: string;
  readonly admin: AdminClient;
  readonly desk: JobDesk;
  readonly namespace: string;
  readonly apiKey: string;
  /** Micro-credits put into the account. */
  readonly deposit: bigint;
  close(): Promise<void>;
}

/** 1 credit. */
const DEPOSIT = 1_000_000n;

/** @param directory the demo's; the network keeps its state in a folder of it */
export const startDemoNetwork = async (
  directory: string,
  options: { readonly port: number; readonly slots: number },
  engine: DemoEngine,
  logger: Logger,
): Promise<DemoNetwork> => {
  const dataDir = join(directory, 'network');
  const network = await startNetwork(
    { dataDir, port: options.port, name: 'devnet', blindEveryMs: engine.isRepeatable ? 5_000 : null },
    { logger },
  );
  const { adminSocket, pageToken, root } = networkPaths(dataDir);
  const admin = createAdminClient(adminSocket, root);
  const account = await admin.call('accounts.create', { name: 'demo' });
  const namespace = account.namespaces[0]?.namespace ?? account.name;
  await admin.call('deposit', { namespace, amount: DEPOSIT.toString() });
  const key = await admin.call('keys.create', { namespace });
  const draft = await engine.draft(join(directory, 'model-source'), options.slots);
  await admin.call('config.publish', { draft: JSON.stringify(draft) });
  return {
    url: network.url,
    pageLink: network.pageUrl === null ? null : `${network.pageUrl}#token=${await readPageToken(pageToken)}`,
    genesis: network.genesis,
    admin,
    desk: network.desk,
    namespace,
    apiKey: key.secret,
    deposit: DEPOSIT,
    close: () => network.close(),
  };
};
