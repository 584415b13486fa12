// Keeps one authenticated session to the network for as long as the node operates.
// Decides when to dial again; knows nothing of WebSocket, keys, clocks or logs.
import { assign, sendParent, setup } from 'xstate';
import type { Failure } from '../errors.js';
import { CLOSE } from '../protocol/codes.js';
import type { ConfigRef, Standing } from '../protocol/messages/session.js';
import { listening } from './declare.js';
import type { OrderRequest } from './node/order-book.js';

/** What the session says to the node; the link passes it on unread. */
export type SessionNews =
  | { type: 'standing.changed'; standing: Standing }
  | { type: 'config.offered'; config: ConfigRef }
  | { type: 'order.given'; request: OrderRequest }
  | { type: 'job.offered'; job: string; attempt: number }
  | { type: 'job.cancelled'; job: string; attempt: number; reason: string }
  | {
      type: 'result.acknowledged';
      job: string;
      attempt: number;
      verdict: 'accepted' | 'duplicate' | 'superseded' | 'rejected';
    };

export type LinkEvent =
  | { type: 'session.greeted' }
  | { type: 'session.opened'; session: string }
  | { type: 'session.closed'; code: number; reason: string; retryAfterMs: number | null }
  | { type: 'link.suspected' }
  /** The node says goodbye: no session after this one. */
  | { type: 'link.leaving' }
  | { type: 'xstate.error.actor.session'; error: unknown }
  | SessionNews;

export interface LinkContext {
  /** Failures in a row; the redial delay grows with it. */
  readonly failures: number;
  /** Handshakes refused for the node's own signature since the last session. */
  readonly refusals: number;
  /** The network's wish, which wins over the back-off; milliseconds. */
  readonly retryAfterMs: number | null;
  readonly session: string | null;
  readonly failure: Failure | null;
}

interface Closed {
  readonly code: number;
  readonly reason: string;
  readonly retryAfterMs: number | null;
}

const closed = ({ event }: { event: Closed }): Closed => ({
  code: event.code,
  reason: event.reason,
  retryAfterMs: event.retryAfterMs,
});

const failureOf = ({ code, reason }: Closed): Failure =>
  code === CLOSE.inUse
    ? {
        code: 'KEY_IN_USE',
        message: reason,
        retryable: true,
        advice:
          'Two nodes must not share a key, nor copies of one data directory: stop one of them, or give this one an empty data directory.',
      }
    : { code: `CLOSED_${code}`, message: reason, retryable: true };

/** A wish to stay away is followed this long at most; a timer beyond 2^31 ms would fire at once. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

export const linkMachine = setup({
  types: {} as { context: LinkContext; events: LinkEvent; output: LinkContext },
  actors: {
    holdSession: listening<LinkEvent>(),
    beatHeart: listening<LinkEvent>(),
  },
  guards: {
    isIdentityRefused: ({ context }, params: { code: number }) =>
      params.code === CLOSE.identityRefused ||
      (params.code === CLOSE.unauthenticated && context.refusals >= 1),
  },
  actions: {
    noteClose: assign(({ context }, params: Closed) => ({
      failures: context.failures + 1,
      refusals: params.code === CLOSE.unauthenticated ? context.refusals + 1 : context.refusals,
      retryAfterMs:
        params.retryAfterMs === null ? null : Math.min(params.retryAfterMs, LONGEST_RETRY_AFTER_MS),
      failure: failureOf(params),
    })),
    noteSilence: assign(({ context }) => ({
      failures: context.failures + 1,
      retryAfterMs: null,
      failure: {
        code: 'HANDSHAKE_TIMEOUT',
        message: 'the network did not finish the handshake in time',
        retryable: true,
      },
    })),
    noteRefused: assign((_, params: Closed) => ({
      failure: {
        code: 'IDENTITY_REFUSED',
        message: `the network refuses this node's identity (${params.code}: ${params.reason})`,
        retryable: false,
        advice: 'Ask the network why; check that identity.json belongs to this network and was not replaced.',
      },
    })),
    /** Dials again at once, but only once: a session that is suspected each time must not become a busy loop. */
    noteSuspicion: assign(({ context }) => ({
      failures: context.failures + 1,
      retryAfterMs: context.failures === 0 ? 0 : null,
    })),
    noteSession: assign((_, params: { session: string }) => ({
      session: params.session,
      refusals: 0,
      retryAfterMs: null,
      failure: null,
    })),
    forgetFailures: assign({ failures: 0 }),
    forgetSession: assign({ session: null }),
    announceOpened: sendParent({ type: 'link.opened' }),
    announceLost: sendParent({ type: 'link.lost' }),
    announceRefused: sendParent(({ context }: { context: LinkContext }) => ({
      type: 'link.refused',
      failure: context.failure,
    })),
    passOn: sendParent(({ event }: { event: LinkEvent }) => event),
  },
  delays: {
    handshakeLimit: 10_000,
    /** A session this old has proved itself: the back-off begins anew. */
    healthyAfter: 60_000,
    /** Full jitter is provided at the composition root; this is its upper bound. */
    redialDelay: ({ context }) => context.retryAfterMs ?? Math.min(1_000 * 2 ** context.failures, 60_000),
  },
}).createMachine({
  id: 'link',
  description: 'One authenticated session to the network, dialled again with growing, jittered pauses.',
  options: { maxIterations: 1_000 },
  context: { failures: 0, refusals: 0, retryAfterMs: null, session: null, failure: null },
  output: ({ context }) => context,
  initial: 'held',
  on: { 'link.leaving': '.released' },
  states: {
    held: {
      description:
        'One invocation spans dialing, handshake and session: leaving this state is what hangs up.',
      invoke: {
        id: 'session',
        src: 'holdSession',
        onError: {
          target: 'waiting',
          actions: {
            type: 'noteClose',
            params: { code: CLOSE.suspect, reason: 'the session service failed', retryAfterMs: null },
          },
        },
      },
      on: {
        'session.closed': [
          {
            guard: { type: 'isIdentityRefused', params: ({ event }) => ({ code: event.code }) },
            target: 'refused',
            actions: [
              { type: 'noteClose', params: closed },
              { type: 'noteRefused', params: closed },
            ],
          },
          { target: 'waiting', actions: { type: 'noteClose', params: closed } },
        ],
      },
      initial: 'dialing',
      states: {
        dialing: {
          description: 'Connecting; the network speaks first.',
          on: { 'session.greeted': 'greeted' },
          after: { handshakeLimit: { target: '#link.waiting', actions: 'noteSilence' } },
        },
        greeted: {
          description: 'The greeting was genuine; the signed hello is on its way.',
          on: {
            'session.opened': {
              target: 'online',
              actions: { type: 'noteSession', params: ({ event }) => ({ session: event.session }) },
            },
          },
          after: { handshakeLimit: { target: '#link.waiting', actions: 'noteSilence' } },
        },
        online: {
          description: 'Authenticated: heartbeats go out, jobs come in.',
          entry: 'announceOpened',
          exit: ['announceLost', 'forgetSession'],
          invoke: {
            id: 'heart',
            src: 'beatHeart',
            onError: { target: '#link.waiting', actions: 'noteSuspicion' },
          },
          after: { healthyAfter: { actions: 'forgetFailures' } },
          on: {
            'link.suspected': { target: '#link.waiting', actions: 'noteSuspicion' },
            'link.leaving': 'leaving',
            'standing.changed': { actions: 'passOn' },
            'config.offered': { actions: 'passOn' },
            'order.given': { actions: 'passOn' },
            'job.offered': { actions: 'passOn' },
            'job.cancelled': { actions: 'passOn' },
            'result.acknowledged': { actions: 'passOn' },
          },
        },
        leaving: {
          description: 'The goodbye is going out: however this session ends, no other follows.',
          on: { 'session.closed': '#link.released', 'xstate.error.actor.session': '#link.released' },
        },
      },
    },
    waiting: {
      description: 'Pauses before dialing again.',
      after: { redialDelay: 'held' },
    },
    refused: {
      type: 'final',
      description: 'The network refuses this identity: only the owner can help.',
      entry: 'announceRefused',
    },
    released: { type: 'final', description: 'The node let go of the session.' },
  },
});
