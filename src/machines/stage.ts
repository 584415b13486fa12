// One word for people: what a node is doing, out of everything it does at once. Used by status, logs and pages alike.
import type { SnapshotFrom } from 'xstate';
import { orderInWords } from './node/order-book.js';
import type { nodeMachine } from './node-machine.js';

export const STAGES = [
  'setup',
  'registered',
  'connected',
  'syncing',
  'executing',
  'draining',
  'paused',
  'stopping',
  'stopped',
  'halted',
] as const;
export type Stage = (typeof STAGES)[number];

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

/** What may stand between a node and jobs. */
export const IDLE_CAUSES = [
  'not_operating',
  'stopping',
  'ordered',
  'not_connected',
  'unclaimed',
  'excluded',
  'no_configuration',
  'no_model_listed',
  'runtime_taken',
  'no_model_active',
  'journal',
] as const;
export type IdleCause = (typeof IDLE_CAUSES)[number];

type NodeSnapshot = SnapshotFrom<typeof nodeMachine>;

/** The first cause why this node gets no jobs right now; undefined when nothing stands in the way. */
export const idleCause = (snapshot: NodeSnapshot): Exclude<IdleCause, 'journal'> | undefined => {
  const { context } = snapshot;
  if (!snapshot.matches('operating')) return 'not_operating';
  if (snapshot.matches({ operating: { work: 'stopping' } })) return 'stopping';
  if (context.order !== null) return 'ordered';
  if (snapshot.matches({ operating: { link: 'registered' } })) return 'not_connected';
  if (snapshot.matches({ operating: { standing: 'awaitingOwner' } })) return 'unclaimed';
  if (snapshot.matches({ operating: { standing: 'excluded' } })) return 'excluded';
  if (context.config === null) return 'no_configuration';
  if (context.models.length === 0) return 'no_model_listed';
  if (context.taken !== null) return 'runtime_taken';
  if (!context.models.some((model) => model.state === 'active')) return 'no_model_active';
  return undefined;
};

type Words = (snapshot: NodeSnapshot) => string;

const IN_WORDS: Readonly<Record<Exclude<IdleCause, 'journal'>, Words>> = {
  not_operating: (snapshot) =>
    (snapshot.matches('halted') || snapshot.matches('setup') ? snapshot.context.failure?.message : null) ??
    'the node is not operating',
  stopping: () => 'stopping',
  ordered: ({ context }) =>
    context.order === null ? 'ordered' : orderInWords(context.order, context.load.busy),
  not_connected: () => 'not connected to the network',
  unclaimed: () => 'not claimed by an owner yet: run `resultity-node claim`',
  excluded: ({ context }) =>
    context.standing?.text ?? `the network says: ${context.standing?.state ?? 'excluded'}`,
  no_configuration: () => 'no configuration yet',
  no_model_listed: () => 'the configuration lists no model',
  runtime_taken: ({ context }) => context.taken?.message ?? 'the Runtime serves another network',
  no_model_active: () => 'no model has passed its test yet',
};

/** The same in words for its owner. */
export const idleReason = (snapshot: NodeSnapshot): string | undefined => {
  const cause = idleCause(snapshot);
  return cause === undefined ? undefined : IN_WORDS[cause](snapshot);
};
