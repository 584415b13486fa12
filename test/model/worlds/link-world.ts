// The link's surroundings for a walk, and what its owner and the protocol expect of it, written without its chart.
import assert from 'node:assert/strict';
import { assign, setup } from 'xstate';
import type { linkMachine } from '../../../src/machines/link-machine.js';
import { CLOSE } from '../../../src/protocol/codes.js';
import type { SpecOptions } from '../drive-spec.js';
import type { Rig } from '../rig.js';
import { contextSurvivesJson, type WalkOptions } from '../walk-machine.js';
import { runsExactlyIn } from './expectations.js';
import { eitherError } from './failures.js';

const announcements = (rig: Rig): string[] =>
  rig.sentToParent.map(({ type }) => type).filter((type) => type === 'link.opened' || type === 'link.lost');

const alternate = (rig: Rig, isOnline: boolean): void => {
  const said = announcements(rig);
  said.forEach((type, index) => {
    assert.equal(type, index % 2 === 0 ? 'link.opened' : 'link.lost', `announcements: ${said.join(', ')}`);
  });
  assert.equal(said.at(-1) === 'link.opened', isOnline, 'the last announcement is true');
};

const NEWS = new Set([
  'standing.changed',
  'config.offered',
  'order.given',
  'job.offered',
  'job.cancelled',
  'result.acknowledged',
]);

export const linkWorld: WalkOptions<typeof linkMachine> = {
  withParent: true,
  payloads: {
    'session.opened': [{ session: 's1' }],
    'session.closed': [
      { code: 1006, reason: 'cut', retryAfterMs: null },
      { code: CLOSE.tryLater, reason: 'later', retryAfterMs: 30_000 },
      { code: CLOSE.unauthenticated, reason: 'who?', retryAfterMs: null },
      { code: CLOSE.identityRefused, reason: 'not you', retryAfterMs: null },
    ],
    'standing.changed': [{ standing: { state: 'active' } }],
    'config.offered': [{ config: { version: 2, digest: 'B' } }],
    'order.given': [
      { request: { id: 'o', verb: 'drain', by: 'network', note: null, atMs: 1, untilMs: null } },
    ],
    'job.offered': [{ job: 'j', attempt: 1 }],
    'job.cancelled': [{ job: 'j', attempt: 1, reason: 'client' }],
    'result.acknowledged': [{ job: 'j', attempt: 1, verdict: 'accepted' }],
    'xstate.error.actor.session': eitherError,
    'xstate.error.actor.heart': eitherError,
  },
  abstract: ({ failures, refusals, retryAfterMs, session, failure }) => [
    Math.min(failures, 2),
    Math.min(refusals, 1),
    retryAfterMs,
    session,
    failure !== null,
  ],
  invariants: {
    'one session is held exactly while held': runsExactlyIn('holdSession', (at) => at.matches('held')),
    'the heart beats exactly while online': runsExactlyIn('beatHeart', (at) =>
      at.matches({ held: 'online' }),
    ),
    'opened and lost take turns': ({ rig, snapshot }) => alternate(rig, snapshot.matches({ held: 'online' })),
    'a session has a name exactly while online': ({ snapshot }) =>
      assert.equal(snapshot.context.session !== null, snapshot.matches({ held: 'online' })),
    'no session follows the goodbye': ({ rig, snapshot, path }) => {
      if (!path.includes('link.leaving')) return;
      assert.ok(snapshot.matches({ held: 'leaving' }) || snapshot.status === 'done');
      assert.equal(rig.clock.pending().length, 0);
    },
    'news is passed on unread': ({ rig, event }) => {
      if (event && NEWS.has(event.type)) assert.deepEqual(rig.sentToParent.at(-1), event);
    },
    'a refusal is told with its reason': ({ rig, snapshot }) => {
      if (!snapshot.matches('refused')) return;
      const { failure } = snapshot.context;
      assert.equal(failure?.retryable, false);
      assert.ok(failure.advice);
      assert.deepEqual(
        rig.sentToParent.filter(({ type }) => type === 'link.refused'),
        [{ type: 'link.refused', failure }],
      );
    },
    'the pause before dialing is finite and never forgotten': ({ rig, snapshot }) => {
      if (!snapshot.matches('waiting')) return;
      assert.ok(rig.clock.pending().every(({ delayMs }) => delayMs >= 0 && delayMs <= 3_600_000));
      assert.equal(rig.clock.pending().length, 1);
    },
    'the context survives JSON': contextSurvivesJson,
  },
};

type LinkSpecEvent = {
  type:
    | 'greets'
    | 'opens'
    | 'breaks'
    | 'doubtsUs'
    | 'refusesUs'
    | 'saysNothing'
    | 'serviceFails'
    | 'heartFails'
    | 'isSuspected'
    | 'pauseEnds'
    | 'saysGoodbye';
};

/** Twice not believed without a session in between is a refusal; anything else is dialled again. */
export const linkSpec = setup({
  types: {} as { events: LinkSpecEvent; context: { doubted: boolean } },
  guards: { wasDoubted: ({ context }) => context.doubted },
  actions: { noteDoubt: assign({ doubted: true }), forgetDoubt: assign({ doubted: false }) },
}).createMachine({
  context: { doubted: false },
  initial: 'dialing',
  on: {
    saysGoodbye: '.released',
  },
  states: {
    dialing: {
      on: {
        greets: 'greeted',
        breaks: 'pausing',
        serviceFails: 'pausing',
        saysNothing: 'pausing',
        refusesUs: 'refused',
        doubtsUs: [
          { guard: 'wasDoubted', target: 'refused' },
          { target: 'pausing', actions: 'noteDoubt' },
        ],
      },
    },
    greeted: {
      on: {
        opens: { target: 'online', actions: 'forgetDoubt' },
        breaks: 'pausing',
        serviceFails: 'pausing',
        saysNothing: 'pausing',
        refusesUs: 'refused',
        doubtsUs: [
          { guard: 'wasDoubted', target: 'refused' },
          { target: 'pausing', actions: 'noteDoubt' },
        ],
      },
    },
    online: {
      on: {
        breaks: 'pausing',
        serviceFails: 'pausing',
        heartFails: 'pausing',
        isSuspected: 'pausing',
        saysGoodbye: 'leaving',
        refusesUs: 'refused',
        doubtsUs: { target: 'pausing', actions: 'noteDoubt' },
      },
    },
    leaving: {
      on: { breaks: 'released', serviceFails: 'released', refusesUs: 'released', doubtsUs: 'released' },
    },
    pausing: { on: { pauseEnds: 'dialing' } },
    refused: { type: 'final' },
    released: { type: 'final' },
  },
});

const close = (code: number) => (rig: Rig) =>
  rig.service('session').sendBack({ type: 'session.closed', code, reason: 'x', retryAfterMs: null } as never);

const SHOWN: Readonly<Record<string, string>> = {
  dialing: 'dialing',
  greeted: 'greeted',
  online: 'online',
  leaving: 'leaving',
  waiting: 'pausing',
  refused: 'refused',
  released: 'released',
};

const stateOf = (value: unknown): string => {
  const at = typeof value === 'string' ? value : String((value as { held: string }).held);
  return SHOWN[at] ?? at;
};

export const linkSpecOptions: SpecOptions<typeof linkSpec> = {
  withParent: true,
  perform: {
    greets: (rig) => rig.service('session').sendBack({ type: 'session.greeted' }),
    opens: (rig) => rig.service('session').sendBack({ type: 'session.opened', session: 's' } as never),
    breaks: close(1006),
    doubtsUs: close(CLOSE.unauthenticated),
    refusesUs: close(CLOSE.identityRefused),
    saysNothing: (rig) => rig.elapse(10_000),
    serviceFails: (rig) => rig.fail('session'),
    heartFails: (rig) => rig.fail('heart'),
    isSuspected: (rig) => rig.send({ type: 'link.suspected' }),
    pauseEnds: (rig) => rig.clock.fire('xstate.after.redialDelay.link.waiting'),
    saysGoodbye: (rig) => rig.send({ type: 'link.leaving' }),
  },
  shows: ({ snapshot }) => stateOf(snapshot.value),
  check: (rig, { value }) => {
    const isHeld = ['dialing', 'greeted', 'online', 'leaving'].includes(String(value));
    assert.equal(rig.running('holdSession').length, isHeld ? 1 : 0);
    assert.equal(rig.running('beatHeart').length, value === 'online' ? 1 : 0);
    alternate(rig, value === 'online');
    assert.equal(
      rig.sentToParent.filter(({ type }) => type === 'link.refused').length,
      value === 'refused' ? 1 : 0,
    );
  },
};
