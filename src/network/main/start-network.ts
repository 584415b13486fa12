// Composition root of the reference network: builds the rooms, opens the port, and takes everything down again in an
// order that loses nothing. A decision made here is in the wrong file.
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { loadPageFiles } from '../../pages/page-files.js';
import type { NetworkId } from '../../protocol/network-id.js';
import type { Address, Digest } from '../../protocol/primitives.js';
import { type Accounts, createAccounts } from '../accounts/accounts.js';
import { adminHandlers } from '../admin/admin-handlers.js';
import { startAdminServer } from '../admin/admin-server.js';
import { createBindingDesk } from '../binding/binding-desk.js';
import { cloudApi } from '../cloud/cloud-api.js';
import type { JobDesk } from '../desk/job-desk.js';
import { type CoreSnapshot, createNetworkCore } from '../desk/network-core.js';
import { nodeRoutes } from '../http-nodes/node-routes.js';
import { NODE_SOCKET_PATH } from '../io/ws-endpoint.js';
import { createLedger } from '../ledger/create-ledger.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Mailer } from '../mail/mailer.js';
import { createOutboxMailer } from '../mail/outbox-mailer.js';
import { createSmtpMailer } from '../mail/smtp-mailer.js';
import { createPageServer, PAGE_DIRECTORY } from '../page/page-server.js';
import { readConfigDraft } from '../publishing/config-draft.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';
import { createConfigPublisher } from '../publishing/create-config-publisher.js';
import { createNodeRegistry } from '../registry/create-node-registry.js';
import type { NodeRegistry } from '../registry/node-registry.js';
import { createReportDesk } from '../reports/report-desk.js';
import { systemClock, systemTimers } from '../scheduler/timing.js';
import { openStore } from '../store/store.js';
import { loadOrCreateNetworkKeys } from '../trust/load-network-keys.js';
import { bindPort, isAnyAddress } from './bind-port.js';
import { closableDesk } from './closable-desk.js';
import { createHttpServer } from './http-server.js';
import { holdNetworkDirectory } from './network-directory.js';
import { type CheckedOptions, checkOptions, type NetworkOptions } from './network-options.js';
import { type NetworkPaths, networkPaths } from './network-paths.js';
import { bindPagePort } from './page-port.js';
import { Undo } from './undo.js';

export interface RunningNetwork {
  /** Where nodes and clients reach it, e.g. `http://127.0.0.1:7530`. */
  readonly url: string;
  /** Where its page is; null: it is not served. */
  readonly pageUrl: string | null;
  /** Digest of the trust root: what nodes pin. */
  readonly genesis: Digest;
  readonly network: NetworkId;
  /** Addresses that sign greetings and acknowledgements. */
  readonly onlineKeys: readonly Address[];
  /** Absolute. */
  readonly dataDir: string;
  readonly accounts: Accounts;
  readonly publisher: ConfigPublisher;
  readonly ledger: Ledger;
  readonly registry: NodeRegistry;
  readonly desk: JobDesk;
  snapshot(): CoreSnapshot;
  /** Answers what waits, hangs up, and leaves unfinished jobs on disk for the next start. Again: the same promise. */
  close(): Promise<void>;
}

/**
 * Starts a network, or goes on with the one whose state is in the data directory.
 * @throws NetworkOptionsError, NetworkDirectoryError, NetworkRunningError, NetworkListenError, NetworkKeysError,
 *   AdminSocketError; then nothing of it is left running
 */
export const startNetwork = async (
  options: NetworkOptions,
  { logger }: { readonly logger: Logger },
): Promise<RunningNetwork> => {
  const checked = checkOptions(options);
  const undo = new Undo();
  try {
    return await build(checked, logger, undo);
  } catch (error) {
    await undo.run();
    throw error;
  }
};

const build = async (options: CheckedOptions, logger: Logger, undo: Undo): Promise<RunningNetwork> => {
  const clock = systemClock;
  const timers = systemTimers;
  const paths = networkPaths(options.dataDir);
  undo.push(await holdNetworkDirectory(paths));
  const keys = await loadOrCreateNetworkKeys(paths.keys, { ...options, nowMs: clock.nowMs() });
  const store = openStore(paths.store);
  undo.push(() => store.close());

  const accounts = createAccounts(store, clock);
  const registry = createNodeRegistry(store);
  const ledger = createLedger(store, pricesOf(options), clock);
  const publisher = createConfigPublisher(store, keys, clock);

  const port = await bindPort(options.host, options.port);
  undo.push(() => port.close());
  const { url } = port;
  const origins = originsOf(options, url);
  if (isAnyAddress(options.host) && options.publicOrigins.length === 0) {
    logger.warn(
      { event: 'network.no_public_origin', socketUrl: origins.socketUrl },
      'nodes elsewhere are sent to loopback: name the origin they can reach (--public-origin)',
    );
  }
  const pagePort = await bindPagePort(options, paths, logger);
  undo.push(() => pagePort.bound?.port.close());
  const core = createNetworkCore({
    store,
    keys,
    registry,
    ledger,
    publisher,
    clock,
    timers,
    rng: Math.random,
    logger,
    origins: origins.own,
    options: {
      blindEveryMs: options.blindEveryMs,
      pingMs: options.pingMs,
      deadMs: options.deadMs,
      leaseMs: options.leaseMs,
    },
  });
  const cloudDesk = closableDesk(core.desk);
  undo.push(async () => {
    cloudDesk.close();
    await core.close();
  });

  const mailer = createMailer(options, paths);
  const binding = createBindingDesk({
    store,
    registry,
    mailer,
    keys,
    portalUrl: origins.portalUrl,
    clock,
    randomBytes,
    logger,
  });
  undo.push(async () => {
    await binding.idle();
    await mailer.close();
  });
  const reports = createReportDesk({ store, directory: paths.reports, keys, clock });

  const app = await createHttpServer(port.server, { reasons: () => whyNotReady(publisher) }, logger);
  undo.push(() => app.close());
  const cloud = { desk: cloudDesk.desk, authenticate: accounts.authenticate, timers, logger };
  await app.register(cloudApi, cloud);
  const { portalUrl, socketUrl } = origins;
  await app.register(
    nodeRoutes({ keys, registry, publisher, binding, reports, clock, logger, socketUrl, portalUrl }),
  );
  await app.ready();
  port.server.on('upgrade', core.handleUpgrade);
  port.open();

  const rooms = { store, keys, accounts, registry, ledger, publisher, core, clock };
  const place = { url, dataDir: paths.root, readDraft: readConfigDraft, page: pagePort.shown };
  const handlers = adminHandlers({ ...rooms, ...place });
  if (pagePort.bound !== undefined) {
    const { port: own, token } = pagePort.bound;
    const files = await loadPageFiles(PAGE_DIRECTORY);
    const page = await createPageServer(own.server, { files, token, handlers, cloud, logger });
    undo.push(() => page.close());
    await page.ready();
    own.open();
  }
  undo.push(await startAdminServer(paths.adminSocket, handlers, logger));

  const { network } = keys;
  const pageUrl = pagePort.shown.url;
  logger.info({
    event: 'network.started',
    url,
    page: pageUrl,
    network: network.name,
    genesis: network.genesis,
  });
  return {
    url,
    pageUrl,
    genesis: network.genesis,
    network,
    onlineKeys: keys.root.roles.online.keys,
    dataDir: paths.root,
    accounts,
    publisher,
    ledger,
    registry,
    desk: core.desk,
    snapshot: core.snapshot,
    close: () => undo.run(),
  };
};

const pricesOf = ({ prices }: CheckedOptions) => ({
  promptToken: BigInt(prices.promptToken),
  completionToken: BigInt(prices.completionToken),
});

/** Under which names the network is reached: its own port, unless proxies give it better ones. */
const originsOf = ({ publicOrigins, portalUrl }: CheckedOptions, url: string) => {
  const own = url.replace(/^http/, 'ws');
  const [main = own] = publicOrigins;
  return {
    own: [own, ...publicOrigins],
    socketUrl: new URL(NODE_SOCKET_PATH, main).href,
    portalUrl: portalUrl ?? main.replace(/^ws/, 'http'),
  };
};

const createMailer = ({ smtpUrl, mailFrom, mailOutbox }: CheckedOptions, paths: NetworkPaths): Mailer =>
  smtpUrl === undefined
    ? createOutboxMailer({ directory: mailOutbox ?? paths.outbox, from: mailFrom })
    : createSmtpMailer({ url: smtpUrl, from: mailFrom });

const whyNotReady = (publisher: ConfigPublisher): string[] =>
  publisher.current() === undefined ? ['no_config'] : [];
