// The node's surroundings for a walk. Its regions multiply, so it is walked several times, each time with other events
// held back; what one walk leaves out another reaches.
import assert from 'node:assert/strict';
import type { AnyMachineSnapshot } from 'xstate';
import { toFailure } from '../../../src/errors.js';
import type { ConfigSyncContext } from '../../../src/machines/config-sync-machine.js';
import type { NodeContext, NodeModel } from '../../../src/machines/node/node-events.js';
import {
  type HeldOrder,
  type NodeOrder,
  type OrderAnswered,
  type OrderRequest,
  orderAfter,
} from '../../../src/machines/node/order-book.js';
import type { nodeMachine } from '../../../src/machines/node-machine.js';
import type { ModelState } from '../../../src/protocol/codes.js';
import type { Rig } from '../rig.js';
import { contextSurvivesJson, type WalkOptions } from '../walk-machine.js';
import { runsExactlyIn } from './expectations.js';
import { lasting, passing } from './failures.js';

type NodeWalk = WalkOptions<typeof nodeMachine>;

const planOf = (version: number, ...models: { id: string; digest: string; enabled: boolean }[]) => ({
  config: { version, digest: `C${version}` },
  models,
});
const listed = (id: string, enabled = true) => ({ id, digest: `D-${id}`, enabled });

const none = planOf(1);
const one = planOf(2, listed('x'));
const off = planOf(3, listed('x', false));
const another = planOf(4, listed('y'));

const offer = (version: number) => ({ config: { version, digest: `C${version}` } });

const syncEnd = (snapshot: AnyMachineSnapshot, outcome: string, error?: Error) => {
  const { wanted } = snapshot.context as NodeContext;
  return { output: { wanted, fetched: null, outcome, failure: error ? toFailure(error) : null } };
};

/** XState names the actor in the event itself; the node's wildcard reads it there. */
const fails = (actorId: string, ...errors: readonly Error[]) =>
  (errors.length > 0 ? errors : [passing, lasting]).map((error) => ({ error, actorId }));

const changes = (digest: string, ...states: ModelState[]) =>
  states.map((state) => ({ id: digest, digest, state, reason: null }));

const sent = (rig: Rig, id: string): readonly { type: string }[] =>
  rig.services.filter((service) => service.id === id).at(-1)?.received ?? [];

const isOperating = (at: AnyMachineSnapshot): boolean => at.matches('operating');
const isConnected = (at: AnyMachineSnapshot): boolean => at.matches({ operating: { link: 'connected' } });

/** What the latest of these orders to a service was; the first named counts when none was given yet. */
const latest = (rig: Rig, id: string, ...types: readonly string[]): string | undefined =>
  sent(rig, id)
    .map(({ type }) => type)
    .filter((type) => types.includes(type))
    .at(-1) ?? types[0];

const slotsOf = ({ models }: NodeContext): string[] => models.map(({ slot }) => slot).sort();

const invariants: NonNullable<NodeWalk['invariants']> = {
  'jobs are supervised exactly while operating': runsExactlyIn('superviseJobs', isOperating),
  'the Runtime is attached exactly while operating': runsExactlyIn('attachRuntime', isOperating),
  'the link is held exactly while operating': runsExactlyIn('link', isOperating),
  'reports are sent exactly while operating': runsExactlyIn('report', isOperating),
  'a sync runs exactly while syncing': ({ rig, snapshot }) => {
    const isSyncing = snapshot.matches({ operating: { config: 'syncing' } });
    assert.equal(rig.running('configSync').length, isSyncing ? 1 : 0);
  },
  'every model in the books lives in a slot of its own, and no other does': ({ rig, snapshot }) => {
    const living = rig.running('model').map(({ id }) => id);
    assert.deepEqual(living.sort(), slotsOf(snapshot.context));
    assert.equal(new Set(living).size, living.length);
    for (const id of living) assert.match(id, /^model-[01]$/);
  },
  'jobs know whether there is a session': ({ rig, snapshot }) => {
    if (!isOperating(snapshot)) return;
    assert.equal(latest(rig, 'jobs', 'link.lost', 'link.opened') === 'link.opened', isConnected(snapshot));
  },
  'jobs are admitted exactly while idle or executing': ({ rig, snapshot }) => {
    if (!isOperating(snapshot)) return;
    const takes = (['idle', 'executing'] as const).some((work) => snapshot.matches({ operating: { work } }));
    assert.equal(latest(rig, 'jobs', 'jobs.admit', 'jobs.drain') === 'jobs.admit', takes);
  },
  'the GPU is given back when pausing has come to its end, and not taken again to stop': ({
    rig,
    snapshot,
  }) => {
    if (!isOperating(snapshot) || snapshot.matches({ operating: { work: 'stopping' } })) return;
    const isFreed = snapshot.matches({ operating: { work: { paused: 'freed' } } });
    const isSuspended =
      latest(rig, 'runtime', 'serving.resumed', 'serving.suspended') === 'serving.suspended';
    assert.equal(isSuspended, isFreed);
  },
  'an order to stop leaves the GPU with whom it was given back to': ({ rig, snapshot, event }) => {
    const { order, load } = snapshot.context as NodeContext;
    if (event?.type !== 'node.stop' || !isOperating(snapshot)) return;
    if (order?.kind !== 'pause' || load.busy > 0) return;
    assert.equal(latest(rig, 'runtime', 'serving.resumed', 'serving.suspended'), 'serving.suspended');
  },
  'the GPU is given back only when no job runs': ({ rig }) => {
    let busy = 0;
    for (const message of sent(rig, 'runtime')) {
      if (message.type === 'jobs.changed')
        busy = (message as unknown as { load: { busy: number } }).load.busy;
      if (message.type === 'serving.suspended') assert.equal(busy, 0);
    }
  },
  'the node rests exactly as it is ordered to': ({ snapshot }) => {
    if (!isOperating(snapshot) || snapshot.matches({ operating: { work: 'stopping' } })) return;
    const rests = (['draining', 'paused'] as const).find((work) => snapshot.matches({ operating: { work } }));
    const { order } = snapshot.context as NodeContext;
    assert.equal(rests, order === null ? undefined : { drain: 'draining', pause: 'paused' }[order.kind]);
  },
  'an order is in force only once it is on disk': ({ rig, snapshot }) => {
    const { order } = snapshot.context as NodeContext;
    if (order === null) return;
    const written = rig.services.filter(({ src, ended }) => src === 'recordOrder' && ended === 'done').at(-1);
    if (written === undefined) assert.equal(order.note, RECALLED);
    else assert.deepEqual(written.input, { order: onPaper(order) });
  },
  'each order is answered once, as it came out': ({ rig, snapshot, path }) => {
    const answers = rig.emitted as OrderAnswered[];
    const given = path.filter((type) => type === 'order.given').length;
    assert.equal(answers.length + (snapshot.context as NodeContext).asked.length, given);
    const came = (outcome: string): number => answers.filter((answer) => answer.outcome === outcome).length;
    const written = (end: string): number =>
      rig.services.filter(({ id, ended }) => id === 'recordOrder' && ended === end).length;
    assert.equal(came('failed'), written('failed'));
    assert.ok(came('done') >= written('done'));
    for (const { outcome, reason } of answers) if (outcome === 'refused') assert.equal(reason, 'owner_order');
  },
  'the network’s word never stands against the owner’s': ({ rig }) => {
    if (rig.services.some(({ src, ended }) => src === 'awaitOrderEnd' && ended !== 'stopped' && ended))
      return;
    let order: NodeOrder | null = null;
    for (const { request, outcome } of rig.emitted as OrderAnswered[]) {
      if (outcome !== 'done') continue;
      assert.ok(request.by === 'owner' || order?.by !== 'owner');
      order = orderAfter(order, request);
    }
  },
  'an end is waited for exactly while an order with one holds': runsExactlyIn('awaitOrderEnd', (at) =>
    at.matches({ operating: { orders: { ordered: 'timed' } } }),
  ),
  'an order holds until its end, and no longer': ({ snapshot, event }) => {
    const { order } = snapshot.context as NodeContext;
    if (/^xstate\.(done|error)\.actor\.awaitOrderEnd$/.test(event?.type ?? '')) assert.equal(order, null);
    if (snapshot.matches({ operating: { orders: 'free' } })) assert.equal(order, null);
    if (!snapshot.matches({ operating: { orders: 'ordered' } })) return;
    const isTimed = snapshot.matches({ operating: { orders: { ordered: 'timed' } } });
    assert.equal(isTimed, order !== null && order.endsMonotonicMs !== null);
  },
  'what was in force before the start is in force after it': ({ snapshot, event }) => {
    if (event?.type === 'xstate.error.actor.recallOrder') assert.ok(snapshot.matches('halted'));
    if (event?.type !== 'xstate.done.actor.recallOrder') return;
    const { output } = event as unknown as { output: HeldOrder | null };
    assert.deepEqual((snapshot.context as NodeContext).order, output);
  },
  'a second order to stop cuts work short': ({ snapshot, path }) => {
    const orders = path.filter((type) => type === 'node.stop').length;
    if (orders > 1) assert.ok(!snapshot.matches({ operating: { work: { stopping: 'finishing' } } }));
  },
  'the link is let go of with the goodbye, and its end is then the node’s': ({ rig, snapshot, event }) => {
    const isClosing = snapshot.matches({ operating: { work: { stopping: 'closing' } } });
    const isLeft = latest(rig, 'link', '', 'link.leaving') === 'link.leaving';
    if (isOperating(snapshot)) assert.equal(isLeft, isClosing);
    if (isLeft && event?.type === 'xstate.done.actor.link') assert.ok(snapshot.matches('stopped'));
  },
  'what became of a sync is kept and announced': ({ rig, snapshot, event }) => {
    if (event?.type !== 'xstate.done.actor.configSync') return;
    const { wanted, outcome, failure } = (event as unknown as { output: ConfigSyncContext }).output;
    const { lastSync, refusedDigest } = snapshot.context;
    assert.deepEqual(lastSync, { config: wanted, outcome, failure });
    assert.deepEqual(rig.service('announceConfig').input, lastSync);
    if (outcome === 'rejected') assert.equal(refusedDigest, wanted.digest);
  },
  'executing means busy, idle means not': ({ snapshot }) => {
    const { busy } = snapshot.context.load;
    if (snapshot.matches({ operating: { work: 'idle' } })) assert.equal(busy, 0);
    if (snapshot.matches({ operating: { work: 'executing' } })) assert.ok(busy > 0);
  },
  'jobs and Runtime know the models': ({ rig, snapshot }) => {
    if (!isOperating(snapshot)) return;
    for (const id of ['jobs', 'runtime']) {
      const last = sent(rig, id).findLast(({ type }) => type === 'models.changed');
      const { models } = (last ?? { models: [] }) as { models?: readonly NodeModel[] };
      assert.deepEqual(models, snapshot.context.models, `${id} know the models`);
    }
  },
  'served models are known exactly while served': ({ snapshot }) => {
    if (!isOperating(snapshot)) return;
    const isServed = snapshot.matches({ operating: { serving: 'served' } });
    assert.equal(snapshot.context.served !== null, isServed);
  },
  'a model hears that its Runtime was given up, and that there is hope again': ({ rig, snapshot, event }) => {
    if (!isOperating(snapshot)) return;
    for (const { slot, digest } of snapshot.context.models) {
      const last = sent(rig, slot).at(-1)?.type;
      if (event?.type === 'runtime.takenUp') assert.equal(last, 'model.retried');
      if (event?.type !== 'runtime.givenUp') continue;
      assert.equal(last === 'runtime.givenUp', givenUp.models.includes(digest));
    }
  },
  'a sync does not wait for models that no Runtime is going to serve': ({ rig, snapshot, event }) => {
    if (event?.type !== 'runtime.givenUp' || !snapshot.matches({ operating: { config: 'syncing' } })) return;
    const { models } = snapshot.context as NodeContext;
    const enabled = models.filter((model) => model.enabled);
    const isHopeless = enabled.every(
      ({ state, digest }) => state === 'failed' || (state === 'pending' && !givenUp.kept.includes(digest)),
    );
    if (enabled.length === 0) return;
    const last = sent(rig, 'configSync').at(-1);
    if (isHopeless) assert.deepEqual(last, { type: 'config.disproved', failure: givenUp.failure });
    else assert.notDeepEqual(last, { type: 'config.disproved', failure: givenUp.failure });
  },
  'every model hears that the Runtime serves another network, and the owner why': ({
    rig,
    snapshot,
    event,
  }) => {
    if (!isOperating(snapshot)) {
      assert.equal(snapshot.context.taken, null);
      return;
    }
    if (event?.type === 'runtime.takenUp') assert.equal(snapshot.context.taken, null);
    if (event?.type !== 'runtime.taken') return;
    assert.deepEqual(snapshot.context.taken, taken);
    for (const { slot } of snapshot.context.models)
      assert.equal(sent(rig, slot).at(-1)?.type, 'runtime.taken');
  },
  'a sync that can have no proof needs none, and nothing disproves it': ({ rig, snapshot, event }) => {
    if (snapshot.context.taken === null || !snapshot.matches({ operating: { config: 'syncing' } })) return;
    const last = sent(rig, 'configSync').at(-1);
    if (event?.type === 'runtime.taken' || event?.type === 'config.inForce') {
      assert.equal(last?.type, 'config.proved');
    }
    // Only what a model says of itself comes without a failure.
    if (event?.type === 'model.changed')
      assert.notDeepEqual(last, { type: 'config.disproved', failure: null });
  },
  'what was refused is not fetched again': ({ rig, snapshot, event }) => {
    if (!snapshot.matches({ operating: { config: 'syncing' } }) || event?.type.startsWith('config.')) return;
    const { refusedDigest } = snapshot.context;
    const { input } = rig.service('configSync') as { input: { wanted?: { digest: string } } };
    if (refusedDigest !== null) assert.notEqual(input.wanted?.digest, refusedDigest);
  },
  'halted has a reason': ({ snapshot }) => {
    if (snapshot.matches('halted')) assert.ok(snapshot.context.failure);
  },
  'the context survives JSON': contextSurvivesJson,
};

const settled: NodeWalk['payloads'] = {
  'xstate.done.actor.openIdentity': [{ output: { nodeId: 'n' } }],
  'xstate.done.actor.joinNetwork': [{ output: { network: 'net', registered: true } }],
  'xstate.done.actor.recallOrder': [{ output: null }],
  'xstate.error.actor.recallOrder': [],
  'xstate.done.actor.loadConfig': [{ output: none }],
  'xstate.error.actor.loadConfig': [],
  'xstate.error.actor.openIdentity': [],
  'xstate.error.actor.probeHost': [],
  'xstate.error.actor.joinNetwork': [],
  'xstate.error.actor.jobs': [],
  'xstate.error.actor.runtime': [],
  'xstate.error.actor.link': [],
  'xstate.error.actor.report': [],
  'xstate.done.actor.link': [],
  'xstate.done.actor.report': [],
  'link.opened': [],
  'link.lost': [],
  'link.suspected': [],
  'link.refused': [],
  'job.offered': [],
  'job.cancelled': [],
  'result.acknowledged': [],
  'standing.changed': [],
  'config.offered': [],
  'config.inForce': [],
  'jobs.changed': [],
  'node.stop': [],
  'order.given': [],
  'runtime.ready': [],
  'runtime.lost': [],
  'runtime.givenUp': [],
  'runtime.taken': [],
  'runtime.takenUp': [],
  'model.changed': [],
  'model.retested': [],
};

const refused = { code: 'IDENTITY_REFUSED', message: 'not you', retryable: false };

const taken = { code: 'RUNTIME_TAKEN', message: 'another network’s', retryable: true };

const givenUp = { models: ['D-x'], kept: ['D-y'], failure: refused };

const abstract = ({
  standing,
  config,
  wanted,
  refusedDigest,
  lastSync,
  models,
  load,
  order,
  asked,
  ...rest
}: NodeContext) => [
  order && [order.kind, order.by, order.endsMonotonicMs],
  asked.map(({ verb, by }) => [verb, by]),
  standing?.state,
  config?.digest,
  wanted?.digest,
  refusedDigest,
  lastSync?.outcome,
  models.map(({ slot, state, enabled, digest }) => [slot, state, enabled, digest]),
  load.busy > 0,
  rest.served,
  Math.min(rest.failures, 1),
  rest.failure !== null,
];

const common = { abstract, invariants } as const;

/** Setup with everything that can go wrong, and all that ends operating. */
const setupWalk: NodeWalk = {
  ...common,
  payloads: {
    ...settled,
    'xstate.done.actor.joinNetwork': [
      { output: { network: 'net', registered: true } },
      { output: { network: 'net', registered: false } },
    ],
    'xstate.done.actor.registerNode': [{ output: { state: 'pending' } }],
    'xstate.error.actor.openIdentity': fails('openIdentity'),
    'xstate.error.actor.probeHost': fails('probeHost'),
    'xstate.error.actor.joinNetwork': fails('joinNetwork'),
    'xstate.error.actor.registerNode': fails('registerNode'),
    'xstate.error.actor.recallOrder': fails('recallOrder'),
    'xstate.error.actor.loadConfig': fails('loadConfig'),
    'xstate.done.actor.loadConfig': [{ output: null }, { output: none }],
    'xstate.error.actor.jobs': fails('jobs'),
    'xstate.error.actor.runtime': fails('runtime'),
    'xstate.error.actor.link': fails('link'),
    'xstate.error.actor.report': fails('report'),
    'xstate.done.actor.link': [
      { output: { failures: 1, refusals: 0, retryAfterMs: null, session: null, failure: refused } },
    ],
    'link.opened': [{}],
    'link.lost': [{}],
    'link.suspected': [{}],
    'link.refused': [{ failure: refused }],
    'job.offered': [{ job: 'j', attempt: 1 }],
    'job.cancelled': [{ job: 'j', attempt: 1, reason: 'client' }],
    'result.acknowledged': [{ job: 'j', attempt: 1, verdict: 'accepted' }],
    'node.stop': [{}],
  },
};

/** Work and standing, connected or not. */
const workWalk: NodeWalk = {
  ...common,
  payloads: {
    ...settled,
    'standing.changed': [
      { standing: { state: 'active' } },
      { standing: { state: 'pending' } },
      { standing: { state: 'frozen' } },
    ],
    'jobs.changed': [{ load: { busy: 0, outbox: 1 } }, { load: { busy: 2, outbox: 0 } }],
    'node.stop': [{}],
    'xstate.error.actor.closeNode': fails('closeNode'),
  },
};

const RECALLED = 'before the start';

const onPaper = ({ kind, by, note, sinceMs, untilMs }: NodeOrder): NodeOrder => ({
  kind,
  by,
  note,
  sinceMs,
  untilMs,
});

const heldOrder = (order: NodeOrder): HeldOrder => ({ ...order, endsMonotonicMs: order.untilMs });

const recalledOrder = (kind: 'drain' | 'pause', by: 'owner' | 'network', untilMs: number | null) => ({
  output: heldOrder({ kind, by, note: RECALLED, sinceMs: 2, untilMs }),
});

const asks = (verb: OrderRequest['verb'], by: OrderRequest['by'], untilMs: number | null = null) => ({
  request: { id: `${verb} by ${by}`, verb, by, note: null, atMs: 2, untilMs },
});

const isStopping = (at: AnyMachineSnapshot): boolean => at.matches({ operating: { work: 'stopping' } });

/** Orders of owner and network, recalled, recorded, lifted and over, while jobs come and go and the node is told to stop. */
const ordersWalk: NodeWalk = {
  ...common,
  payloads: {
    ...settled,
    'xstate.done.actor.recallOrder': [
      { output: null },
      recalledOrder('pause', 'owner', null),
      recalledOrder('drain', 'network', 9),
    ],
    'xstate.done.actor.loadConfig': [],
    'order.given': (snapshot) => {
      const { asked } = snapshot.context as NodeContext;
      if (isStopping(snapshot)) return asked.length > 0 ? [] : [asks('pause', 'owner')];
      if (asked.length > 0) {
        const isPause = asked.length === 1 && asked[0]?.verb === 'pause' && asked[0].by === 'owner';
        return isPause ? [asks('resume', 'network')] : [];
      }
      return [
        asks('pause', 'owner'),
        asks('drain', 'owner', 9),
        asks('resume', 'owner'),
        asks('pause', 'network', 9),
        asks('resume', 'network'),
      ];
    },
    'xstate.done.actor.recordOrder': ({ context }) => {
      const { order, asked } = context as NodeContext;
      const next = asked[0] === undefined ? null : orderAfter(order, asked[0]);
      return [{ output: next && heldOrder(next) }];
    },
    'xstate.error.actor.recordOrder': (snapshot) =>
      isStopping(snapshot) ? [] : fails('recordOrder', passing),
    'xstate.done.actor.clearOrder': [{ output: null }],
    'xstate.error.actor.clearOrder': (snapshot) => (isStopping(snapshot) ? [] : fails('clearOrder', passing)),
    'xstate.error.actor.awaitOrderEnd': (snapshot) =>
      isStopping(snapshot) ? [] : fails('awaitOrderEnd', lasting),
    'jobs.changed': [{ load: { busy: 0, outbox: 0 } }, { load: { busy: 2, outbox: 0 } }],
    'node.stop': (snapshot) => (isStopping(snapshot) ? [] : [{}]),
  },
};

/** The wildcard does not say which actor failed, so this payload does. */
const lostModel = { type: 'xstate.error.actor.model-0', error: lasting, actorId: 'model-0' };

/** The books without what earlier syncs and failures left in them: these lead nowhere in the walks below. */
const books = ({ config, wanted, refusedDigest, models, served, taken: by }: NodeContext) => [
  by !== null,
  config?.digest,
  wanted?.digest,
  refusedDigest,
  models.map(({ slot, state, enabled }) => [slot, state, enabled]),
  served,
];

/** Following the configuration: offered, superseded, refused, proved and disproved by one model. */
const syncWalk: NodeWalk = {
  ...common,
  abstract: books,
  payloads: {
    ...settled,
    'config.offered': [offer(2), offer(4)],
    'config.inForce': [{ plan: one }, { plan: null }],
    'xstate.done.actor.configSync': (snapshot) => [
      syncEnd(snapshot, 'applied'),
      syncEnd(snapshot, 'unreachable', passing),
      syncEnd(snapshot, 'rejected', lasting),
    ],
    'xstate.error.actor.configSync': fails('configSync', lasting),
    'xstate.error.actor.announceConfig': fails('announceConfig', passing),
    'model.changed': ({ context }) =>
      (context as NodeContext).models.flatMap(({ digest }) => changes(digest, 'active', 'failed', 'pending')),
    'runtime.givenUp': [givenUp],
    'runtime.taken': [{ failure: taken }],
    'runtime.takenUp': [{}],
  },
};

/** One sync after which models come and go: swapped, switched off and on, listed again while their files go. */
const plansWalk: NodeWalk = {
  ...common,
  abstract: books,
  payloads: {
    ...settled,
    'config.offered': [offer(2)],
    'config.inForce': [{ plan: none }, { plan: one }, { plan: off }, { plan: another }],
    'xstate.done.actor.configSync': [],
    'xstate.error.actor.configSync': [],
    'model.changed': ({ context }) =>
      (context as NodeContext).models.flatMap(({ digest, enabled }) =>
        changes(digest, ...(enabled ? (['active'] as const) : (['archived'] as const))),
      ),
  },
};

/** Models that live and fail while the Runtime comes and goes. */
const servingWalk: NodeWalk = {
  ...common,
  abstract: books,
  payloads: {
    ...settled,
    'xstate.done.actor.loadConfig': [{ output: planOf(2, listed('x'), listed('y')) }],
    'xstate.error.actor.*': [lostModel],
    'model.changed': ({ context }) =>
      (context as NodeContext).models.flatMap(({ digest }) => changes(digest, 'pending', 'active', 'failed')),
    'model.retested': [{ digest: 'D-x' }, { digest: 'D-z' }],
    'runtime.ready': [{ models: ['D-x', 'D-y'] }],
    'runtime.lost': [{}],
    'runtime.givenUp': [givenUp],
    'runtime.taken': [{ failure: taken }],
    'runtime.takenUp': [{}],
  },
};

export const nodeWalks: readonly NodeWalk[] = [
  setupWalk,
  workWalk,
  ordersWalk,
  syncWalk,
  plansWalk,
  servingWalk,
];
