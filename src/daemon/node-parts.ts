// What the services of a node rest on: what all networks of the daemon share, and what each has for itself.
import type { Logger } from 'pino';
import type { Clock } from '../adapters/host/clock.js';
import type { HostProbe } from '../adapters/host/host-probe.js';
import type { Identity } from '../adapters/identity/identity.js';
import type { ModelStore } from '../adapters/models/model-store.js';
import type { NetworkHttp } from '../adapters/network-http/network-http.js';
import type { NetworkSockets } from '../adapters/network-socket/network-sockets.js';
import type { NodeOrder } from '../machines/node/order-book.js';
import type { ConfigInForce } from '../services/config-in-force.js';
import type { DescribeParts } from '../services/describe-node.js';
import type { Executions } from '../services/executions.js';
import type { JobBoard } from '../services/job-board.js';
import type { JobIntake } from '../services/job-intake.js';
import type { NetworkRooms } from '../services/join-network.js';
import type { Membership } from '../services/membership.js';
import type { NetworkTime } from '../services/network-time.js';
import type { OutboundLane } from '../services/outbound-lane.js';
import type { Repairs } from '../services/repairs.js';
import type { RunInferenceParts } from '../services/run-inference.js';
import type { RuntimeSeat } from '../services/runtime-seat.js';
import type { ServingFigures } from '../services/serving-figures.js';
import type { SessionFacts } from '../services/session-facts.js';
import type { Slots } from '../services/slots.js';

/** One for the daemon, whatever networks it joins. */
export interface SharedParts {
  readonly label: string | undefined;
  readonly engine: { readonly key: string; readonly maxModels: number; readonly slots: number | undefined };
  readonly graceMs: number;
  readonly openKey: () => Promise<Identity>;
  readonly probe: HostProbe;
  readonly store: ModelStore;
  /** UUIDs of the GPUs the engine is given. */
  readonly gpus: () => readonly string[];
  /** Digest of the image that runs; undefined where no container does. */
  readonly imageDigest: () => string | undefined;
  readonly repairs: Repairs;
  readonly random: () => number;
  readonly clock: Clock;
  readonly agentVersion: string;
  /** Random per process. */
  readonly instance: string;
}

/** Everything the services of the node in one network need. */
export interface NodeParts extends SharedParts, DescribeParts {
  readonly url: string;
  readonly pinnedGenesis: string | undefined;
  readonly http: NetworkHttp;
  readonly sockets: NetworkSockets;
  readonly rooms: NetworkRooms;
  readonly membership: Membership;
  readonly config: ConfigInForce;
  readonly intake: JobIntake;
  readonly executions: Executions;
  readonly figures: ServingFigures;
  readonly lane: OutboundLane;
  readonly board: JobBoard;
  /** This network's share: its own attempts are counted, the engine's slots are everybody's. */
  readonly slots: Slots;
  readonly facts: SessionFacts;
  /** By the network's word. */
  readonly time: NetworkTime;
  readonly seat: RuntimeSeat;
  /** The engine that is up, if this network's attempts on that model may go to it. */
  readonly engineFor: RunInferenceParts['engine'];
  /** Whether another network's node on this host lists the model too: then its files stay. */
  readonly isListedElsewhere: (digest: string) => boolean;
  /** What the owner has ordered the node to, as its other networks know it; null while they know of nothing. */
  readonly ownersOrder: () => NodeOrder | null;
  readonly logger: Logger;
  /** Whether the node takes jobs, and why not. */
  readonly admission: () => { readonly isPaused: boolean };
  readonly onNews: (beat: () => void) => () => void;
}
