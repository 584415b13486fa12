// One word for people: what a node is doing, out of everything it does at once. Used by status, logs and pages alike.
import type { SnapshotFrom } from 'xstate';
import { orderInWords } from './node/order-book.js';
import type { nodeMachine } from './node-machine.js';

export type Stage =
  | 'setup'
  | 'registered'
  | 'connected'
  | 'syncing'
  | 'executing'
  | 'draining'
  | 'paused'
  | 'stopping'
  | 'stopped'
  | 'halted';

/** The most telling state wins: an order of the owner, then a problem, then work, then what goes on beside it. */
export const stageOf = (snapshot: SnapshotFrom<typeof nodeMachine>): Stage => {
  if (snapshot.matches('halted')) return 'halted';
  if (snapshot.matches('stopped')) return 'stopped';
  if (snapshot.matches('setup')) return 'setup';
  if (snapshot.matches({ operating: { work: 'stopping' } })) return 'stopping';
  if (snapshot.matches({ operating: { work: 'paused' } })) return 'paused';
  if (snapshot.matches({ operating: { work: 'draining' } })) return 'draining';
  if (snapshot.matches({ operating: { work: 'executing' } })) return 'executing';
  if (snapshot.matches({ operating: { config: 'syncing' } })) return 'syncing';
  return snapshot.matches({ operating: { link: 'connected' } }) ? 'connected' : 'registered';
};

/** Why this node gets no jobs right now, in words for its owner; undefined when nothing stands in the way. */
export const idleReason = (snapshot: SnapshotFrom<typeof nodeMachine>): string | undefined => {
  const { context } = snapshot;
  if (context.failure !== null && (snapshot.matches('halted') || snapshot.matches('setup'))) {
    return context.failure.message;
  }
  if (!snapshot.matches('operating')) return 'the node is not operating';
  if (snapshot.matches({ operating: { work: 'stopping' } })) return 'stopping';
  if (context.order !== null) return orderInWords(context.order, context.load.busy);
  if (snapshot.matches({ operating: { link: 'registered' } })) return 'not connected to the network';
  if (snapshot.matches({ operating: { standing: 'awaitingOwner' } })) {
    return 'not claimed by an owner yet: run `resultity-node claim`';
  }
  if (snapshot.matches({ operating: { standing: 'excluded' } })) {
    return context.standing?.text ?? `the network says: ${context.standing?.state ?? 'excluded'}`;
  }
  if (context.config === null) return 'no configuration yet';
  if (context.models.length === 0) return 'the configuration lists no model';
  if (context.taken !== null) return context.taken.message;
  if (!context.models.some((model) => model.state === 'active')) return 'no model has passed its test yet';
  return undefined;
};
