// What the owner of a node notices: stopping, pausing, a configuration that changes, models that come and go.
import { describe, expect, test } from 'vitest';
import { type ActorRefFrom, fromCallback, fromPromise } from 'xstate';
import { type LinkEvent, linkMachine } from '../../src/machines/link-machine.js';
import { modelMachine } from '../../src/machines/model-machine.js';
import type { NodeModel } from '../../src/machines/node/node-events.js';
import type { OrderAnswered } from '../../src/machines/node/order-book.js';
import type { Rig } from '../model/rig.js';
import { lasting } from '../model/worlds/failures.js';
import {
  ask,
  at,
  busy,
  endSync,
  held,
  offerConfig,
  operatingNode,
  order,
  planOf,
  tell,
  toldTo,
  written,
} from './operating-node.js';

const models = (rig: Rig): readonly NodeModel[] => rig.snapshot.context.models;
const slots = (rig: Rig): string[] => models(rig).map(({ slot, id }) => `${slot} ${id}`);
const wanted = (rig: Rig): unknown => (rig.service('configSync').input as { wanted: unknown }).wanted;

describe('stopping', () => {
  test('an idle node closes at once', () => {
    const rig = operatingNode();
    tell(rig, 'node.stop');
    expect([at(rig, 'work'), rig.running('closeNode').length]).toEqual([{ stopping: 'closing' }, 1]);
    rig.finish('closeNode');
    expect([rig.snapshot.value, rig.running()]).toEqual(['stopped', []]);
  });

  test('says goodbye in the session it has and opens no other', () => {
    const sessions: ((event: LinkEvent) => void)[] = [];
    const link = linkMachine.provide({
      actors: {
        holdSession: fromCallback<LinkEvent, undefined>(({ sendBack }) => void sessions.push(sendBack)),
        beatHeart: fromCallback<LinkEvent, undefined>(() => undefined),
      },
    });
    const rig = operatingNode(null, { actors: { link } });
    const [hear] = sessions;
    hear?.({ type: 'session.greeted' });
    hear?.({ type: 'session.opened', session: 's' });
    expect(at(rig, 'link')).toBe('connected');
    tell(rig, 'node.stop');
    expect([at(rig, 'work'), rig.running('closeNode').length]).toEqual([{ stopping: 'closing' }, 1]);
    hear?.({ type: 'session.closed', code: 1000, reason: 'goodbye', retryAfterMs: 0 });
    rig.elapse(0);
    expect([rig.snapshot.value, sessions.length, rig.running()]).toEqual(['stopped', 1, []]);
  });

  test('running jobs have eight seconds to finish, then two to be signed', () => {
    const rig = operatingNode();
    busy(rig, 2);
    tell(rig, 'node.stop');
    rig.elapse(7_999);
    expect([at(rig, 'work'), toldTo(rig, 'jobs').at(-1)]).toEqual([{ stopping: 'finishing' }, 'jobs.drain']);
    rig.elapse(1);
    expect([at(rig, 'work'), toldTo(rig, 'jobs').at(-1)]).toEqual([
      { stopping: 'interrupting' },
      'jobs.interrupt',
    ]);
    rig.elapse(2_000);
    expect(at(rig, 'work')).toEqual({ stopping: 'closing' });
  });

  test('ends early when the last job does', () => {
    const rig = operatingNode();
    busy(rig, 1);
    tell(rig, 'node.stop');
    busy(rig, 0);
    expect(at(rig, 'work')).toEqual({ stopping: 'closing' });
  });

  test('waits a second for the last results to be acknowledged, and no longer', () => {
    const waitsFor = (rig: Rig): Rig => {
      tell(rig, 'jobs.changed', { load: { busy: 0, outbox: 1 } });
      tell(rig, 'node.stop');
      expect(at(rig, 'work')).toEqual({ stopping: 'delivering' });
      return rig;
    };
    const acknowledged = waitsFor(operatingNode());
    busy(acknowledged, 0);
    expect(at(acknowledged, 'work')).toEqual({ stopping: 'closing' });
    const silent = waitsFor(operatingNode());
    silent.elapse(999);
    expect(at(silent, 'work')).toEqual({ stopping: 'delivering' });
    silent.elapse(1);
    expect(at(silent, 'work')).toEqual({ stopping: 'closing' });
  });

  test('each further order cuts it shorter', () => {
    const rig = operatingNode();
    busy(rig, 1);
    tell(rig, 'node.stop');
    tell(rig, 'node.stop');
    expect(at(rig, 'work')).toEqual({ stopping: 'interrupting' });
    tell(rig, 'node.stop');
    expect(at(rig, 'work')).toEqual({ stopping: 'closing' });
    tell(rig, 'node.stop');
    expect([rig.snapshot.value, rig.running()]).toEqual(['stopped', []]);
  });
});

describe('pausing', () => {
  test('frees the Runtime once running jobs have ended, and resuming brings it back', () => {
    const rig = operatingNode();
    busy(rig, 1);
    order(rig, 'pause');
    expect([at(rig, 'work'), toldTo(rig, 'runtime')]).not.toContain('serving.suspended');
    expect(toldTo(rig, 'jobs').at(-1)).toBe('jobs.drain');
    busy(rig, 0);
    expect([at(rig, 'work'), toldTo(rig, 'runtime').at(-2)]).toEqual([{ paused: 'freed' }, 'jobs.changed']);
    expect(toldTo(rig, 'runtime').at(-1)).toBe('serving.suspended');
    order(rig, 'resume');
    expect(at(rig, 'work')).toBe('idle');
    expect([toldTo(rig, 'runtime').at(-1), toldTo(rig, 'jobs').at(-1)]).toEqual([
      'serving.resumed',
      'jobs.admit',
    ]);
  });

  test('can be taken back before the jobs have ended: the Runtime notices nothing', () => {
    const rig = operatingNode();
    busy(rig, 1);
    order(rig, 'pause');
    order(rig, 'resume');
    expect(at(rig, 'work')).toBe('executing');
    expect(toldTo(rig, 'runtime').filter((type) => type.startsWith('serving.'))).toEqual([]);
  });

  test('is not undone by an order to stop', () => {
    const rig = operatingNode();
    order(rig, 'pause');
    tell(rig, 'node.stop');
    expect(toldTo(rig, 'runtime').at(-1)).toBe('serving.suspended');
  });
});

describe('orders', () => {
  const answers = (rig: Rig): unknown[] =>
    (rig.emitted as OrderAnswered[]).map(({ request, outcome, reason }) => [request.verb, outcome, reason]);

  test('take effect once they are on disk, and not before', () => {
    const rig = operatingNode();
    ask(rig, 'drain', { note: 'moving', untilMs: 5_000 });
    expect([at(rig, 'work'), rig.emitted]).toEqual(['idle', []]);
    expect(rig.service('recordOrder').input).toEqual({
      order: { kind: 'drain', by: 'owner', note: 'moving', sinceMs: 1_000, untilMs: 5_000 },
    });
    written(rig);
    expect([at(rig, 'work'), at(rig, 'orders'), answers(rig)]).toEqual([
      'draining',
      { ordered: 'timed' },
      [['drain', 'done', null]],
    ]);
    expect(rig.service('awaitOrderEnd').input).toEqual({ atMonotonicMs: 5_000 });
  });

  test('that cannot be written down are not followed, and the one before holds', () => {
    const rig = operatingNode();
    order(rig, 'drain');
    ask(rig, 'pause');
    rig.fail('recordOrder', lasting);
    expect([at(rig, 'work'), rig.emitted.at(-1)]).toMatchObject([
      'draining',
      { outcome: 'failed', failure: { code: 'LASTING' } },
    ]);
  });

  test('of before the start are in force before anything is begun: the engine is not wanted', () => {
    const rig = operatingNode(
      planOf(1, 'a'),
      undefined,
      held({ kind: 'pause', by: 'owner', note: null, sinceMs: 1, untilMs: null }),
    );
    expect([at(rig, 'work'), at(rig, 'orders')]).toEqual([{ paused: 'freed' }, { ordered: 'open' }]);
    expect(toldTo(rig, 'runtime')).toEqual(['serving.suspended', 'models.changed']);
    expect(toldTo(rig, 'jobs')[0]).toBe('jobs.drain');
  });

  test('end by themselves, even when the note of it cannot be removed', () => {
    const rig = operatingNode();
    order(rig, 'pause', { untilMs: 5_000 });
    rig.finish('awaitOrderEnd');
    expect([at(rig, 'work'), at(rig, 'orders'), rig.service('clearOrder').input]).toEqual([
      'idle',
      'clearing',
      { order: null },
    ]);
    expect(toldTo(rig, 'runtime').at(-1)).toBe('serving.resumed');
    rig.fail('clearOrder');
    expect([at(rig, 'orders'), rig.snapshot.context.order]).toEqual(['free', null]);
  });

  test('replace each other, and the same one again keeps the time it began', () => {
    const rig = operatingNode();
    order(rig, 'pause', { atMs: 1_000 });
    order(rig, 'pause', { atMs: 2_000, note: 'still gaming' });
    expect(rig.snapshot.context.order).toMatchObject({ sinceMs: 1_000, note: 'still gaming' });
    order(rig, 'drain', { atMs: 3_000 });
    expect([at(rig, 'work'), rig.snapshot.context.order]).toMatchObject(['draining', { sinceMs: 3_000 }]);
    expect(toldTo(rig, 'runtime').at(-1)).toBe('serving.resumed');
  });

  test('of the owner stand against the network, and the owner lifts those of the network', () => {
    const rig = operatingNode();
    order(rig, 'pause');
    ask(rig, 'resume', { by: 'network' });
    ask(rig, 'drain', { by: 'network', untilMs: 5_000 });
    expect(answers(rig).slice(1)).toEqual([
      ['resume', 'refused', 'owner_order'],
      ['drain', 'refused', 'owner_order'],
    ]);
    order(rig, 'resume');
    order(rig, 'drain', { by: 'network' });
    expect(rig.snapshot.context.order).toMatchObject({ by: 'network' });
    order(rig, 'resume');
    expect(at(rig, 'work')).toBe('idle');
  });

  test('that change nothing, or end before they begin, touch no disk', () => {
    const rig = operatingNode();
    ask(rig, 'resume');
    ask(rig, 'pause', { atMs: 1_000, untilMs: 1_000 });
    expect([answers(rig), rig.services.filter(({ src }) => src === 'recordOrder')]).toEqual([
      [
        ['resume', 'done', null],
        ['pause', 'refused', 'until_passed'],
      ],
      [],
    ]);
  });

  test('given while one is written down wait their turn, sixteen at most', () => {
    const rig = operatingNode();
    for (let count = 0; count < 18; count++) ask(rig, count % 2 === 0 ? 'drain' : 'pause');
    expect(answers(rig)).toEqual([
      ['drain', 'refused', 'too_many'],
      ['pause', 'refused', 'too_many'],
    ]);
    for (let count = 0; count < 16; count++) written(rig);
    expect([answers(rig).length, at(rig, 'work')]).toEqual([18, { paused: 'freed' }]);
  });

  test('given while the node stops are written down for the next start', () => {
    const rig = operatingNode();
    busy(rig, 1);
    tell(rig, 'node.stop');
    order(rig, 'pause');
    expect([at(rig, 'work'), answers(rig)]).toEqual([{ stopping: 'finishing' }, [['pause', 'done', null]]]);
  });
});

describe('following the configuration', () => {
  test('one offered while another is synced supersedes it and is synced next', () => {
    const rig = operatingNode(planOf(1));
    offerConfig(rig, 2);
    offerConfig(rig, 2);
    expect(toldTo(rig, 'configSync')).toEqual([]);
    offerConfig(rig, 3);
    expect(toldTo(rig, 'configSync')).toEqual(['config.superseded']);
    endSync(rig, 'unreachable');
    rig.finish('announceConfig');
    expect([at(rig, 'config'), wanted(rig)]).toEqual(['syncing', { version: 3, digest: 'C3' }]);
  });

  test('a rejected one is not fetched again until another is offered', () => {
    const rig = operatingNode(planOf(1));
    offerConfig(rig, 2);
    endSync(rig, 'rejected');
    rig.finish('announceConfig');
    offerConfig(rig, 2);
    expect(at(rig, 'config')).toBe('current');
    offerConfig(rig, 3);
    expect(at(rig, 'config')).toBe('syncing');
  });

  test('a rejected one is told to the network by its own name', () => {
    const rig = operatingNode(planOf(1));
    offerConfig(rig, 2);
    endSync(rig, 'rejected');
    expect(rig.service('announceConfig').input).toMatchObject({
      config: { version: 2, digest: 'C2' },
      outcome: 'rejected',
    });
  });

  test('another one handed out than was asked for waits for the next offer instead of looping', () => {
    const rig = operatingNode(planOf(2));
    offerConfig(rig, 3);
    endSync(rig, 'rejected', { fetched: { version: 1, digest: 'C1' } });
    rig.finish('announceConfig');
    expect(at(rig, 'config')).toBe('current');
    offerConfig(rig, 3);
    expect(at(rig, 'config')).toBe('syncing');
  });

  test('one that could not be had is tried again when the network asks again', () => {
    const rig = operatingNode(planOf(1));
    offerConfig(rig, 2);
    endSync(rig, 'unreachable');
    rig.finish('announceConfig');
    expect(at(rig, 'config')).toBe('current');
    offerConfig(rig, 2);
    expect(at(rig, 'config')).toBe('syncing');
  });

  test('a fault of the sync itself does not make it loop', () => {
    const rig = operatingNode(planOf(1));
    offerConfig(rig, 2);
    rig.fail('configSync');
    expect(at(rig, 'config')).toBe('current');
  });

  test('lets the interval of the one taken up from disk hold for the first report', () => {
    const rig = operatingNode(planOf(1, 'a'));
    expect(toldTo(rig, 'report')).toEqual(['report.rescheduled']);
  });
});

describe('proving a configuration', () => {
  const change = (rig: Rig, name: string, state: string): void =>
    tell(rig, 'model.changed', { id: name, digest: `D-${name}`, state, reason: null });
  const syncing = (held: ReturnType<typeof planOf>, next: ReturnType<typeof planOf>): Rig => {
    const rig = operatingNode(held);
    for (const { id, enabled } of held.models) if (enabled) change(rig, id, 'active');
    offerConfig(rig, next.config.version);
    tell(rig, 'config.inForce', { plan: next });
    return rig;
  };

  test.each([
    ['a kept model serves', planOf(1, 'x'), planOf(2, 'x', 'y'), ['config.proved']],
    ['no model is to serve', planOf(1, 'x'), planOf(2, '-x'), ['config.proved']],
    ['only unlisted models serve', planOf(1, 'x'), planOf(2, 'y'), []],
    ['only a model serves that is switched off by it', planOf(1, 'x'), planOf(2, '-x', 'y'), []],
  ])('where %s', (_, held, next, told) => {
    expect(toldTo(syncing(held, next), 'configSync')).toEqual(told);
  });

  test('succeeds with the first model that passes its test', () => {
    const rig = syncing(planOf(1), planOf(2, 'x', 'y'));
    change(rig, 'x', 'failed');
    expect(toldTo(rig, 'configSync')).toEqual([]);
    change(rig, 'y', 'active');
    expect(toldTo(rig, 'configSync')).toEqual(['config.proved']);
  });

  test('fails with the last model that fails', () => {
    const rig = syncing(planOf(1, 'w'), planOf(2, 'x', 'y'));
    change(rig, 'x', 'failed');
    change(rig, 'y', 'failed');
    expect(toldTo(rig, 'configSync')).toEqual(['config.disproved']);
  });

  test('fails with a Runtime that was given up, once nothing is left that could be served', () => {
    const rig = syncing(planOf(1, 'w'), planOf(2, 'x', 'y', 'z'));
    const failure = { code: 'RUNTIME_EXITED', message: 'it ended', retryable: false };
    const giveUp = (...kept: string[]): void =>
      tell(rig, 'runtime.givenUp', { models: ['D-x'], kept, failure });
    change(rig, 'x', 'pending');
    change(rig, 'y', 'pending');
    change(rig, 'z', 'downloading');
    giveUp();
    expect(toldTo(rig, 'configSync')).toEqual([]);
    change(rig, 'z', 'failed');
    giveUp('D-y');
    expect(toldTo(rig, 'configSync')).toEqual([]);
    giveUp();
    expect(rig.service('configSync').received).toEqual([{ type: 'config.disproved', failure }]);
    expect(toldTo(rig, 'model-1').at(-1)).toBe('runtime.givenUp');
    expect(toldTo(rig, 'model-2')).not.toContain('runtime.givenUp');
  });
});

describe('models', () => {
  const adopt = (rig: Rig, version: number, ...names: string[]): void => {
    offerConfig(rig, version);
    tell(rig, 'config.inForce', { plan: planOf(version, ...names) });
    endSync(rig, 'applied');
    rig.finish('announceConfig');
  };
  const archive = (rig: Rig, name: string): void =>
    tell(rig, 'model.changed', { id: name, digest: `D-${name}`, state: 'archived', reason: null });

  test('come and go in a bounded set of slots', () => {
    const rig = operatingNode(planOf(1, 'a', 'b'));
    expect(slots(rig)).toEqual(['model-0 a', 'model-1 b']);
    adopt(rig, 2, 'b', 'c');
    expect(slots(rig)).toEqual(['model-1 b', 'model-2 c', 'model-0 a']);
    archive(rig, 'a');
    adopt(rig, 3, 'b', 'c', 'd');
    expect(slots(rig)).toEqual(['model-1 b', 'model-2 c', 'model-0 d']);
    for (let version = 4; version < 60; version++) {
      adopt(rig, version, `m${version}`);
      for (const { id, enabled } of models(rig)) if (!enabled) archive(rig, id);
    }
    expect(slots(rig)).toHaveLength(1);
    expect(new Set(rig.services.filter(({ src }) => src === 'model').map(({ id }) => id))).toEqual(
      new Set(['model-0', 'model-1', 'model-2', 'model-3']),
    );
    expect(rig.running('model')).toHaveLength(1);
  });

  test('that are unlisted are told so, count for nothing at once, and go when their files are gone', () => {
    const rig = operatingNode(planOf(1, 'a'));
    tell(rig, 'model.changed', { id: 'a', digest: 'D-a', state: 'active', reason: null });
    adopt(rig, 2);
    expect([toldTo(rig, 'model-0'), models(rig)]).toMatchObject([
      ['model.unlisted'],
      [{ id: 'a', enabled: false, state: 'inactive' }],
    ]);
    archive(rig, 'a');
    expect([models(rig), rig.running('model')]).toEqual([[], []]);
  });

  test('that stay get another chance, and hear when they are switched', () => {
    const rig = operatingNode(planOf(1, 'a', '-b'));
    adopt(rig, 2, '-a', 'b');
    expect([toldTo(rig, 'model-0'), toldTo(rig, 'model-1')]).toEqual([
      ['model.retried', 'model.disabled'],
      ['model.retried', 'model.enabled'],
    ]);
  });

  test('whose actor fails is forgotten, and begins anew with the next configuration', () => {
    const rig = operatingNode(planOf(1, 'a'));
    rig.fail('model-0', lasting);
    expect([rig.snapshot.matches('operating'), models(rig), rig.snapshot.context.failure?.code]).toEqual([
      true,
      [],
      'LASTING',
    ]);
    adopt(rig, 2, 'a');
    expect(rig.running('model').map(({ id }) => id)).toEqual(['model-0']);
  });

  test('listed again while its files go, begins anew once they are gone', async () => {
    let removed = (): void => undefined;
    const removing = new Promise<void>((resolve) => {
      removed = resolve;
    });
    const waits = fromPromise<boolean, { digest: string }>(() => new Promise(() => undefined));
    const model = modelMachine.provide({
      actors: {
        inspectModel: waits,
        removeModel: fromPromise<void, { digest: string }>(() => removing),
      },
    });
    const rig = operatingNode(planOf(1, 'a'), { actors: { model } });
    const stateOf = (): unknown =>
      (rig.snapshot.children['model-0'] as ActorRefFrom<typeof modelMachine> | undefined)?.getSnapshot()
        .value;
    adopt(rig, 2);
    expect(stateOf()).toBe('removing');
    adopt(rig, 3, 'a');
    removed();
    await expect.poll(stateOf, { interval: 1 }).toBe('absent');
    expect(models(rig)).toMatchObject([{ id: 'a', slot: 'model-0', enabled: true, state: 'absent' }]);
  });
});

describe('a service of the node that fails', () => {
  test.each(['jobs', 'runtime', 'link', 'report'])('halts it: %s', (id) => {
    const rig = operatingNode(planOf(1, 'a'));
    rig.fail(id, lasting);
    expect([rig.snapshot.value, rig.snapshot.context.failure?.code, rig.running()]).toEqual([
      'halted',
      'LASTING',
      [],
    ]);
  });

  test('a link that ended by itself halts it too', () => {
    const rig = operatingNode();
    const failure = { code: 'CLOSED_1000', message: 'released', retryable: true };
    rig.finish('link', { failure });
    expect([rig.snapshot.value, rig.snapshot.context.failure]).toEqual(['halted', failure]);
  });
});
