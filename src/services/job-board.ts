// The living attempts by slot, what they add up to, and the credits announced to the network. The credit limit is a
// running total of offers the network may have sent in this session: it never shrinks; to slow down it stops rising.
import type { ActorRefFrom, StateValue } from 'xstate';
import type { Attempt, JobEvent } from '../machines/job/job-events.js';
import type { jobMachine } from '../machines/job-machine.js';
import type { JobLoad, NodeModel } from '../machines/node/node-events.js';
import type { Crowd } from './crowd.js';
import { attemptKey } from './job-intake.js';
import type { OutboundLane } from './outbound-lane.js';
import type { Slots } from './slots.js';

type JobActor = ActorRefFrom<typeof jobMachine>;

interface Living {
  readonly attempt: Attempt;
  readonly actor: JobActor;
  phase: JobPhase;
  /** When it entered the phase; monotonic milliseconds. */
  sinceMs: number;
}

/** `offered`: not accepted yet; `busy`: accepted and not signed; `outbox`: signed and not acknowledged. */
type JobPhase = 'offered' | 'busy' | 'outbox' | 'over';

const PHASE: Readonly<Record<string, JobPhase>> = {
  received: 'offered',
  validating: 'offered',
  recording: 'busy',
  executing: 'busy',
  signing: 'busy',
  signingLater: 'busy',
  delivering: 'outbox',
  concluding: 'outbox',
  concludingLater: 'outbox',
  declining: 'offered',
};

const phaseOf = (value: StateValue): JobPhase =>
  PHASE[typeof value === 'string' ? value : (Object.keys(value)[0] ?? '')] ?? 'over';

export interface JobBoard {
  models: readonly NodeModel[];
  isAdmitting: boolean;
  /** Whether the journal can take another attempt. */
  hasRoom: () => boolean;
  freeSlot(): string;
  enter(slot: string, attempt: Attempt, actor: JobActor): void;
  /** Notes an attempt's state. @returns whether the load changed */
  note(slot: string, value: StateValue): boolean;
  leave(slot: string): Attempt | undefined;
  find(attempt: Attempt): JobActor | undefined;
  /** Attempts accepted and not finished, for the hello. */
  running(): readonly Attempt[];
  load(): JobLoad;
  /** How long the result that waits longest has been in the outbox of this process; undefined while it is empty. */
  longestInOutboxMs(): number | undefined;
  sendAll(event: JobEvent): void;
  stopAll(): void;
  /** A new session: the total begins anew. */
  openSession(): void;
  countOffer(): void;
  /** Raises the announced total if there is room for more, and says so to the network. */
  announceCapacity(): void;
  readonly creditLimit: number;
  /** Whether the network has kept to the announced total. */
  readonly isWithinCredit: boolean;
}

export const createJobBoard = (parts: {
  readonly lane: OutboundLane;
  readonly slots: Slots;
  /** Attempts that may wait for a slot. */
  readonly queueMax: () => number;
  readonly monotonicMs: () => number;
  /** The other networks at the same engine; none unless told. */
  readonly crowd?: Crowd;
}): JobBoard => {
  const { lane, slots, queueMax, monotonicMs } = parts;
  const living = new Map<string, Living>();
  const slotOf = new Map<string, string>();
  const totals: Record<JobPhase, number> = { offered: 0, busy: 0, outbox: 0, over: 0 };
  let offersTaken = 0;
  let creditLimit = 0;

  const move = (entry: Living, phase: JobPhase): void => {
    totals[entry.phase]--;
    totals[phase]++;
    entry.phase = phase;
    entry.sinceMs = monotonicMs();
  };

  const mine = (): number => totals.busy + totals.offered;

  const board: JobBoard = {
    models: [],
    isAdmitting: true,
    hasRoom: () => true,
    freeSlot: () => {
      let index = 0;
      while (living.has(`job-slot-${index}`)) index++;
      return `job-slot-${index}`;
    },
    enter: (slot, attempt, actor) => {
      living.set(slot, { attempt, actor, phase: 'offered', sinceMs: monotonicMs() });
      slotOf.set(attemptKey(attempt), slot);
      totals.offered++;
    },
    note: (slot, value) => {
      const entry = living.get(slot);
      const phase = phaseOf(value);
      if (entry === undefined || entry.phase === phase) return false;
      move(entry, phase);
      board.announceCapacity();
      others?.tell();
      return true;
    },
    leave: (slot) => {
      const entry = living.get(slot);
      if (entry === undefined) return undefined;
      move(entry, 'over');
      totals.over--;
      living.delete(slot);
      slotOf.delete(attemptKey(entry.attempt));
      board.announceCapacity();
      others?.tell();
      return entry.attempt;
    },
    find: (attempt) => living.get(slotOf.get(attemptKey(attempt)) ?? '')?.actor,
    running: () => [...living.values()].filter((one) => one.phase === 'busy').map((one) => one.attempt),
    load: () => ({ busy: totals.busy, outbox: totals.outbox }),
    longestInOutboxMs: () => {
      let since: number | undefined;
      for (const { phase, sinceMs } of living.values())
        if (phase === 'outbox' && (since === undefined || sinceMs < since)) since = sinceMs;
      return since === undefined ? undefined : monotonicMs() - since;
    },
    sendAll: (event) => {
      for (const { actor } of [...living.values()]) actor.send(event);
    },
    stopAll: () => {
      // Actors created with `parent` cannot be stopped from outside; each ends by itself.
      for (const { actor } of [...living.values()]) actor.send({ type: 'job.released' });
      living.clear();
      slotOf.clear();
    },
    openSession: () => {
      offersTaken = 0;
      creditLimit = 0;
      board.announceCapacity();
    },
    countOffer: () => {
      offersTaken++;
    },
    announceCapacity: () => {
      if (lane.session === undefined) return;
      const serves = board.models.some((model) => model.state === 'active');
      const isOpen = board.isAdmitting && serves && board.hasRoom();
      const room = isOpen ? Math.max(0, slots.total + queueMax() - mine() - (others?.count() ?? 0)) : 0;
      const limit = Math.max(creditLimit, offersTaken + room);
      if (limit === creditLimit) return;
      creditLimit = limit;
      lane.send('capacity', { credit_limit: limit, slots: { total: slots.total, free: slots.free } });
    },
    get creditLimit() {
      return creditLimit;
    },
    get isWithinCredit() {
      return offersTaken <= creditLimit;
    },
  };
  const others = parts.crowd?.join({ count: mine, recount: board.announceCapacity });
  return board;
};
