// The node in one network as its owner sees it: gathered from machines and services, read-only.
import type { ActorRefFrom } from 'xstate';
import type { JobJournal, JobRecord } from '../adapters/journal/job-journal.js';
import { httpBase } from '../config/http-base.js';
import type { JobLine, NetworkStatus, NodeStatus } from '../console/node-view.js';
import type { OrderView } from '../console/order-view.js';
import { type Failure, toFailure } from '../errors.js';
import type { linkMachine } from '../machines/link-machine.js';
import type { NodeActor } from '../machines/node-machine.js';
import type { reportMachine } from '../machines/report-machine.js';
import type { runtimeMachine } from '../machines/runtime-machine.js';
import { idleCause, idleReason, stageOf } from '../machines/stage.js';
import type { ConfigRef } from '../protocol/messages/session.js';
import { clockFailure } from '../services/clock-skew.js';
import type { ConfigInForce } from '../services/config-in-force.js';
import type { JobBoard } from '../services/job-board.js';
import type { Membership } from '../services/membership.js';
import type { RuntimeControl } from '../services/runtime-control.js';
import type { RuntimeSeat } from '../services/runtime-seat.js';
import type { SessionFacts } from '../services/session-facts.js';
import type { Slots } from '../services/slots.js';

export interface ViewParts {
  readonly node: NodeActor;
  readonly runtime: ActorRefFrom<typeof runtimeMachine>;
  readonly control: RuntimeControl;
  readonly seat: RuntimeSeat;
  readonly engine: string;
  readonly membership: Membership;
  readonly board: JobBoard;
  readonly slots: Slots;
  readonly facts: SessionFacts;
  readonly config: ConfigInForce;
  readonly url: string;
  readonly agentVersion: string;
  readonly startedMs: number;
}

export const leafOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const [key, inner] = Object.entries(value as Record<string, unknown>)[0] ?? ['unknown', ''];
  return key === 'live' ? leafOf(inner) : key;
};

const jobLine = (
  { offer, state, accepted_ms, execution, receipt, verdict }: JobRecord,
  network: string | null,
): JobLine => ({
  network,
  job: offer.job,
  attempt: offer.attempt,
  state,
  model: offer.model.id,
  endpoint: offer.endpoint,
  mode: offer.mode,
  acceptedMs: accepted_ms,
  outcome: execution?.outcome ?? null,
  verdict,
  promptTokens: execution?.prompt_tokens ?? null,
  completionTokens: execution?.completion_tokens ?? null,
  firstTokenMs: execution?.first_token_ms ?? null,
  totalMs: execution?.total_ms ?? null,
  receiptSeq: receipt?.seq ?? null,
});

/** Why there is no session, as far as the last attempt tells; null while there is one. */
const linkFailure = (snapshot: ReturnType<NodeActor['getSnapshot']>): Failure | null => {
  const link = snapshot.children.link as ActorRefFrom<typeof linkMachine> | undefined;
  const failure = link?.getSnapshot().context.failure ?? null;
  if (failure === null || !snapshot.matches({ operating: { link: 'registered' } })) return null;
  return {
    advice: 'The node dials again by itself. If it stays so, check that the URL leads to your network.',
    ...failure,
    message: `no session with the network: ${failure.message}`,
  };
};

/** Why the disk under the journal takes no jobs; null while it does. */
const journalTrouble = ({ trouble }: JobJournal): Failure | null =>
  trouble === null ? null : toFailure(trouble);

/** The order in force, and how far it is carried out. */
const orderOf = ({ node, runtime }: Pick<ViewParts, 'node' | 'runtime'>): OrderView | null => {
  const snapshot = node.getSnapshot();
  const { order, load } = snapshot.context;
  // One that halted follows none any more: what it followed last says nothing about the others.
  if (order === null || !snapshot.matches('operating')) return null;
  const { kind, by, note, sinceMs, untilMs } = order;
  const isFreed = snapshot.matches({ operating: { work: { paused: 'freed' } } });
  const freed = isFreed && runtime.getSnapshot().matches('absent');
  return { kind, by, note, sinceMs, untilMs, jobsLeft: load.busy, freed };
};

/** The reference in the statechart, with what the snapshot itself says. */
const configOf = (named: ConfigRef | null, config: ConfigInForce): NodeStatus['config'] => {
  const inForce = config.current();
  if (named === null || inForce?.digest !== named.digest) return named;
  return { ...named, issuedMs: inForce.snapshot.issued_ms };
};

const statusOf = (parts: ViewParts): NodeStatus => {
  const { node, runtime, control, board, slots, facts } = parts;
  const snapshot = node.getSnapshot();
  const { context } = snapshot;
  const engine = runtime.getSnapshot();
  const network = parts.membership.network.peek();
  const journalFailure = network === undefined ? null : journalTrouble(network.journal);
  const fullJournal =
    network?.journal.hasRoom === false ? 'the journal is full of results the network has not taken' : null;
  const journalReason = journalFailure?.message ?? fullJournal;
  const report = snapshot.children.report as ActorRefFrom<typeof reportMachine> | undefined;
  return {
    stage: stageOf(snapshot),
    idleReason: idleReason(snapshot) ?? journalReason,
    idleCause: idleCause(snapshot) ?? (journalReason === null ? null : 'journal'),
    nodeId: context.nodeId,
    agentVersion: parts.agentVersion,
    pid: process.pid,
    startedMs: parts.startedMs,
    network: {
      name: context.network,
      url: parts.url,
      connected: snapshot.matches({ operating: { link: 'connected' } }),
      lastAckMs: facts.lastAckMs === 0 ? null : facts.lastAckMs,
      standing: context.standing?.state ?? null,
      account: context.standing?.account?.label ?? null,
      elsewhere: secondProcess(facts),
    },
    config: configOf(context.config, parts.config),
    lastSync: context.lastSync,
    runtime: {
      state: leafOf(engine.value),
      driver: control.driver.kind,
      engine: parts.engine,
      version: control.version ?? null,
      restarts: Math.max(0, engine.context.starts - 1),
      failure: engine.context.failure,
      retryAtMs: engine.context.retryAtMs,
      controlled: engine.context.isControlled,
      doubt: engine.matches({ live: 'suspect' }) ? engine.context.doubt : null,
      behind: engine.context.rejected?.failure ?? engine.context.next.failure,
    },
    order: orderOf(parts),
    models: context.models.map(({ id, digest, state, reason }) => ({ id, digest, state, reason })),
    jobs: {
      running: slots.taken,
      queued: slots.waiting,
      slots: slots.total,
      outbox: board.load().outbox,
      credits: board.creditLimit,
    },
    journal: network === undefined ? null : { ...network.journal.usage(), hasRoom: network.journal.hasRoom },
    reports: {
      waiting: network?.reports.sealed().length ?? 0,
      delivered: report?.getSnapshot().context.delivered ?? 0,
      failure: report?.getSnapshot().context.failure ?? null,
    },
    failure: context.failure ?? journalFailure ?? linkFailure(snapshot) ?? clockFailure(facts.clockOffsetMs),
  };
};

const secondProcess = ({
  elsewhere,
}: SessionFacts): NonNullable<NodeStatus['network']['elsewhere']> | null =>
  elsewhere === null
    ? null
    : {
        address: elsewhere.address,
        agentVersion: elsewhere.agent_version,
        atMs: elsewhere.at_ms,
        holdsSession: elsewhere.holdsSession,
      };

/** What differs between networks, out of the whole. */
const networkStatusOf = (status: NodeStatus, { seat }: ViewParts): NetworkStatus => {
  const { hasRuntime, holder } = seat.view();
  return {
    ...status.network,
    stage: status.stage,
    idleReason: status.idleReason,
    idleCause: status.idleCause ?? null,
    config: status.config,
    hasRuntime,
    runtimeHolder: holder ?? null,
    order: status.order ?? null,
    models: status.models,
    jobs: status.jobs,
    reports: status.reports,
    failure: status.failure,
  };
};

export interface NetworkView {
  order(): OrderView | null;
  /** The whole node, as this network knows it. */
  status(): Omit<NodeStatus, 'networks'>;
  own(): NetworkStatus;
  /** Newest first. */
  jobs(limit: number): readonly JobLine[];
  /** @returns how to stop listening */
  onChange(listener: () => void): () => void;
  /** Whether the owner may mean this one: by name or by URL. */
  isCalled(name: string): boolean;
}

export const viewNetwork = (parts: ViewParts): NetworkView => {
  const nameOf = (): string | null => parts.node.getSnapshot().context.network;
  return {
    status: () => statusOf(parts),
    order: () => orderOf(parts),
    own: () => networkStatusOf(statusOf(parts), parts),
    jobs: (limit) =>
      (parts.membership.network.peek()?.journal.recent(limit) ?? []).map((record) =>
        jobLine(record, nameOf()),
      ),
    onChange: (listener) => {
      const subscription = parts.node.subscribe(listener);
      return () => subscription.unsubscribe();
    },
    isCalled: (name) => name === nameOf() || httpBase(name) === parts.url,
  };
};
