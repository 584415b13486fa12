// The node in one network, put together: records, session, jobs and models of its own, around what all networks share.
import type { Logger } from 'pino';
import { createActor, type InspectionEvent } from 'xstate';
import { createNetworkHttp } from '../adapters/network-http/undici-network-http.js';
import { createWsNetworkSockets } from '../adapters/network-socket/ws-network-sockets.js';
import type { NetworkChoice } from '../config/network-settings.js';
import type { NodeOrder } from '../machines/node/order-book.js';
import type { NodeActor } from '../machines/node-machine.js';
import { createConfigInForce } from '../services/config-in-force.js';
import type { Crowd } from '../services/crowd.js';
import { createExecutions } from '../services/executions.js';
import { createJobBoard } from '../services/job-board.js';
import { createJobIntake } from '../services/job-intake.js';
import type { NetworkRooms } from '../services/join-network.js';
import type { Membership } from '../services/membership.js';
import { createNetworkTime } from '../services/network-time.js';
import { createOutboundLane } from '../services/outbound-lane.js';
import type { RuntimeSeat } from '../services/runtime-seat.js';
import { createServingFigures, type ServingCounts } from '../services/serving-figures.js';
import { createSessionFacts } from '../services/session-facts.js';
import { shareSlots } from '../services/share-slots.js';
import type { Slots } from '../services/slots.js';
import { announcedOrder } from './announced-order.js';
import type { OwnRuntime } from './assemble-runtime.js';
import type { NodeParts, SharedParts } from './node-parts.js';
import { createOrderDesk, type OrderDesk } from './order-desk.js';
import { provideNode } from './provide-node.js';
import { type OwnScrape, scrapeNetwork } from './scrape-network.js';
import { leafOf, type NetworkView, viewNetwork } from './view-network.js';
import { type NodeWatch, watchNode } from './watch-node.js';

export interface OwnNode {
  readonly url: string;
  readonly actor: NodeActor;
  readonly membership: Membership;
  readonly watch: NodeWatch;
  readonly view: NetworkView;
  readonly orders: OrderDesk;
  /** Its work so far. */
  readonly figures: ServingCounts;
  /** What the metrics say of it now. */
  scrape(): OwnScrape;
  /** Whether its configuration lists the model. */
  lists(modelDigest: string): boolean;
}

export interface OwnNodeParts {
  readonly shared: SharedParts;
  readonly network: NetworkChoice;
  readonly membership: Membership;
  readonly rooms: NetworkRooms;
  readonly runtime: OwnRuntime;
  readonly seat: RuntimeSeat;
  readonly engineSlots: Slots;
  readonly crowd: Crowd;
  readonly isListedElsewhere: (digest: string) => boolean;
  readonly ownersOrder: () => NodeOrder | null;
  readonly startedMs: number;
  readonly logger: Logger;
  /** Of its statechart, for whoever inspects it. */
  readonly rootName: string;
  readonly inspect?: (event: InspectionEvent) => void;
}

export const assembleNode = (own: OwnNodeParts): OwnNode => {
  const { shared, membership, runtime, seat, logger, inspect } = own;
  const { url, genesis } = own.network;
  const { clock, agentVersion } = shared;
  const { control } = runtime;
  const lane = createOutboundLane(clock.nowMs);
  const slots = shareSlots(own.engineSlots);
  const inForce = createConfigInForce();
  const facts = createSessionFacts();
  const figures = createServingFigures();
  const time = createNetworkTime(clock);
  const board = createJobBoard({
    lane,
    slots,
    queueMax: () => inForce.current()?.snapshot.jobs.queue_max ?? 0,
    crowd: own.crowd,
    monotonicMs: clock.monotonicMs,
  });
  const isPaused = (): boolean => actor.getSnapshot().matches({ operating: { work: 'paused' } });

  const parts: NodeParts = {
    ...shared,
    url,
    pinnedGenesis: genesis,
    http: createNetworkHttp(url, { agentVersion }),
    sockets: createWsNetworkSockets(),
    rooms: own.rooms,
    membership,
    config: inForce,
    intake: createJobIntake(),
    executions: createExecutions(clock.monotonicMs),
    figures,
    lane,
    board,
    slots,
    facts,
    time,
    seat,
    engineFor: (digest) => (seat.mayUse(digest) ? control.client : undefined),
    isListedElsewhere: own.isListedElsewhere,
    ownersOrder: own.ownersOrder,
    logger,
    admission: () => ({ isPaused: isPaused() }),
    context: () => actor.getSnapshot().context,
    runtime: () => describeRuntime(own),
    prefs: () => ({
      draining: !board.isAdmitting,
      paused: isPaused(),
      ...announcedOrder(actor.getSnapshot().context.order, clock.nowMs() - time.nowMs()),
    }),
    onNews: (beat) => watch.onNews(beat),
  };
  const actor: NodeActor = createActor(provideNode(parts), {
    id: own.rootName,
    ...(inspect && { inspect }),
  });
  const orders = createOrderDesk({ node: actor, lane, membership, clock, logger });
  const watch = watchNode(actor, logger);
  // One that halted, wherever, or whose statechart failed keeps nothing from the others.
  void watch.outOfService.then(() => seat.leave());
  const view = viewNetwork({
    node: actor,
    runtime: runtime.actor,
    control,
    seat,
    engine: runtime.engine.definition.key,
    membership,
    board,
    slots,
    facts,
    config: inForce,
    url,
    agentVersion,
    startedMs: own.startedMs,
  });
  return {
    url,
    actor,
    membership,
    watch,
    view,
    orders,
    figures,
    scrape: () => scrapeNetwork({ view, figures, board, facts, config: inForce }),
    lists: (digest) => inForce.model(digest) !== undefined,
  };
};

/** A network whose models are not served hears that, and nothing of the Runtime that serves others. */
const describeRuntime = ({ runtime, seat, shared }: OwnNodeParts): ReturnType<NodeParts['runtime']> => {
  const engine = runtime.engine.definition.key;
  if (seat.view().taken !== undefined) return { state: 'taken', engine, uptime_ms: 0, restarts: 0 };
  const { version, startedMonotonicMs } = runtime.control;
  const snapshot = runtime.actor.getSnapshot();
  return {
    state: leafOf(snapshot.value),
    engine,
    ...(version === undefined ? {} : { version: version.slice(0, 64) }),
    uptime_ms:
      startedMonotonicMs === undefined ? 0 : Math.round(shared.clock.monotonicMs() - startedMonotonicMs),
    restarts: Math.max(0, snapshot.context.starts - 1),
  };
};
