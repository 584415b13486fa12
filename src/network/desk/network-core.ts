// The network core in one piece: nodes on one side, the job desk on the other, everything in between built here.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type BlindJobs, createBlindJobs } from '../blind/blind-jobs.js';
import { createNodeGateway } from '../io/node-gateway.js';
import type { NodeOrders } from '../io/node-orders.js';
import type { Presence } from '../io/presence.js';
import type { JobState } from '../jobs/job-record.js';
import { createJobRunner, type JobRunner, leaseInForce } from '../jobs/job-runner.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';
import type { NodeRegistry } from '../registry/node-registry.js';
import type { Clock, Timers } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import { type CoreOptions, DEFAULT_OPTIONS } from './core-options.js';
import { createJobDesk } from './create-job-desk.js';
import type { JobDesk } from './job-desk.js';

export interface NetworkCoreDeps {
  readonly store: NetworkStore;
  readonly keys: NetworkKeys;
  readonly registry: NodeRegistry;
  readonly ledger: Ledger;
  readonly publisher: ConfigPublisher;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Uniform in [0, 1): ties between nodes and blind jobs. Never secrets. */
  readonly rng: () => number;
  readonly logger: Logger;
  /** Origins nodes dial, e.g. `wss://io.resultity.com`; the address a connection arrived at needs no entry. */
  readonly origins: readonly string[];
  readonly options?: Partial<CoreOptions>;
}

export interface OnlineNode extends Presence {
  readonly offersSent: number;
  /** Attempts the network counts on it. */
  readonly inflight: number;
}

export interface CoreSnapshot {
  readonly nodes: readonly OnlineNode[];
  /** Jobs that are not over, by state. */
  readonly jobs: Readonly<Partial<Record<JobState, number>>>;
}

export interface NetworkCore {
  readonly desk: JobDesk;
  readonly blind: Pick<BlindJobs, 'inject' | 'findings'>;
  /** For `server.on('upgrade', …)`. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  snapshot(): CoreSnapshot;
  /** Orders a connected node to drain, to pause or to go on. */
  readonly order: NodeOrders['give'];
  /** Resolves when nothing listens and nothing writes any more; the store may be closed then. */
  close(): Promise<void>;
}

export const createNetworkCore = (deps: NetworkCoreDeps): NetworkCore => {
  const options: CoreOptions = { ...DEFAULT_OPTIONS, ...deps.options };
  const { keys, publisher } = deps;
  const gateway = createNodeGateway({
    ...deps,
    own: { origins: deps.origins, trustHost: options.trustHost },
    maxHandshakes: options.maxHandshakes,
    options,
    leaseMs: () => leaseInForce(publisher, options),
    events: () => runner.events,
  });
  const runner: JobRunner = createJobRunner({
    ...deps,
    network: keys.network,
    gateway,
    options,
    onStoreFailure: () => void gateway.close(), // nodes keep their results and come back
  });
  const blind = createBlindJobs({ ...deps, runner, everyMs: options.blindEveryMs });
  const desk = createJobDesk({ ...deps, runner, options, onAdmitted: blind.observe });
  return {
    desk,
    blind,
    handleUpgrade: gateway.handleUpgrade,
    snapshot: () => ({
      nodes: [...gateway.sessions()].map(({ presence, offersSent }) => ({
        ...presence,
        offersSent,
        inflight: runner.load(presence.node),
      })),
      jobs: runner.counts(),
    }),
    order: gateway.order,
    close: async () => {
      const blindOver = blind.close();
      await gateway.close();
      await runner.close();
      await blindOver;
    },
  };
};
