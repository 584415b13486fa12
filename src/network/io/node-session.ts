// One node's session, from greeting to close. Every frame passes size, frame, sequence, session, signature and schema
// before it means anything; whatever a peer sends, the worst that happens is that its own socket closes.
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { CLOSE } from '../../protocol/codes.js';
import { digestOf } from '../../protocol/digest.js';
import type { Frame } from '../../protocol/frame.js';
import { sessionId, verifyNodeFrame } from '../../protocol/handshake.js';
import { PROTOCOL_VERSION, TIMES } from '../../protocol/limits.js';
import { mustBeSigned } from '../../protocol/message-codec.js';
import type { MessageBody, MessageType } from '../../protocol/messages/catalogue.js';
import type { AdminResult } from '../../protocol/messages/orders.js';
import type { Elsewhere, Hello, Standing } from '../../protocol/messages/session.js';
import { ProtocolError } from '../../protocol/protocol-error.js';
import { createSequenceCheck } from '../../protocol/sequence.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';
import type { NodeRecord, NodeRegistry } from '../registry/node-registry.js';
import type { Clock, Timers } from '../scheduler/timing.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import { actOn } from './act-on-message.js';
import { checkHello } from './check-hello.js';
import { configInForce } from './config-in-force.js';
import { contestKey, type KeyHolder } from './contest-key.js';
import { known, sizedFrame } from './incoming-frame.js';
import type { NodeEvents } from './node-events.js';
import type { OwnOrigins } from './own-origin.js';
import { arrive, type Presence } from './presence.js';
import { createProofOfLife } from './proof-of-life.js';
import { refusalOf } from './session-refusal.js';
import { SessionRefusedError } from './session-refused-error.js';
import { createSessionWire } from './session-wire.js';
import type { Dialled, NodeSocket, NodeSocketHandlers } from './socket-port.js';

export interface SessionOptions {
  readonly helloWithinMs: number;
  readonly pingMs: number;
  readonly deadMs: number;
  readonly maxBufferedBytes: number;
}

export interface SessionDeps {
  readonly keys: NetworkKeys;
  readonly registry: NodeRegistry;
  readonly publisher: ConfigPublisher;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly own: OwnOrigins;
  readonly options: SessionOptions;
  /** Silence allowed to a node with jobs, ms, as it holds now. */
  readonly leaseMs: () => number;
  readonly events: NodeEvents;
  /** Who else holds the key of this node: its open session under another instance. */
  readonly holderOf: (node: string, instance: string) => KeyHolder | undefined;
  /** The session is proved: it takes the place of an older one of its node. */
  readonly entered: (session: NodeSession) => void;
  readonly left: (session: NodeSession) => void;
  /** The node's answer to an order. */
  readonly answered: (node: string, result: AdminResult) => void;
}

export interface NodeSession extends KeyHolder {
  /** Replaced as a whole when the node says something new. */
  presence: Presence;
  /** Offers made in this session. */
  offersSent: number;
  readonly isOpen: boolean;
  send<T extends MessageType>(type: T, body: MessageBody<T>): boolean;
  close(closeCode: number, reason: string): void;
  /** Tells the node its standing, if it changed. */
  restand(record: NodeRecord): void;
}

export const openSession = (deps: SessionDeps, socket: NodeSocket, dialled: Dialled): NodeSocketHandlers => {
  const { keys, registry, publisher, clock, timers, logger, options, events } = deps;
  const { maxBufferedBytes } = options;
  const wire = createSessionWire({ socket, keys, clock, logger, maxBufferedBytes });
  const nonce = `0x${randomBytes(32).toString('hex')}`;
  const sequence = createSequenceCheck();
  let lastHeardMs = clock.nowMs();
  const life = createProofOfLife(timers, () => socket.ping());
  let session: NodeSession | undefined;
  let isContested = false;
  let toldStanding = '';

  const greeting: MessageBody<'greeting'> = {
    nonce,
    network: keys.network.name,
    versions: [PROTOCOL_VERSION],
    time_ms: clock.nowMs(),
    config: configInForce(publisher),
  };
  /** Of the bytes that `send` makes of it. */
  const greetingDigest = digestOf(JSON.stringify(greeting));
  wire.send('greeting', greeting);
  let cancelTimer = timers.set(options.helloWithinMs, () => {
    wire.refuse(CLOSE.helloTooLate, 'hello_too_late', `no hello within ${options.helloWithinMs} ms`);
  });

  const keepAlive = (): void => {
    if (!wire.isOpen) return;
    if (clock.nowMs() - lastHeardMs >= options.deadMs) {
      logger.info({ event: 'session.silent', node: session?.presence.node });
      wire.close(CLOSE.suspect, 'silent');
      socket.terminate();
      return;
    }
    socket.ping();
    cancelTimer = timers.set(options.pingMs, keepAlive);
  };

  const standingNow = (record: NodeRecord): Standing => registry.standingOf(record, clock.nowMs());

  const whereaboutsOf = ({ instance, agent_version }: Hello): Elsewhere => ({
    address: (dialled.remoteAddress ?? 'an unknown address').replace(/^::ffff:/, ''),
    instance,
    agent_version,
    at_ms: clock.nowMs(),
  });

  const enter = (frame: Frame): void => {
    if (isContested) throw new ProtocolError('malformed', 'a second frame before the welcome');
    const context = { network: keys.network, registry, own: deps.own, dialled, nonce };
    const { hello, record } = checkHello(frame, context);
    cancelTimer();
    const here = whereaboutsOf(hello);
    const holder = () => deps.holderOf(record.node, hello.instance);
    if (holder() === undefined) {
      settle(frame, hello, record, here);
      return;
    }
    isContested = true;
    contestKey(holder, here)
      .then(() => {
        if (wire.isOpen) settle(frame, hello, record, here);
      })
      .catch((caught: unknown) => {
        logger.warn({ event: 'session.second_process', node: record.node, ...here });
        refuse(caught);
      });
  };

  const settle = (frame: Frame, hello: Hello, record: NodeRecord, here: Elsewhere): void => {
    const { node } = record;
    const id = sessionId(greetingDigest, frame.header.bd);
    const standing = standingNow(record);
    wire.enter(id, node);
    session = {
      presence: arrive(hello, node, id, standing, clock.nowMs()),
      offersSent: 0,
      whereabouts: here,
      provesLife: life.ask,
      tellOfSecond: (second) => {
        const text = `another process tried to connect with this node's key, from ${second.address}`;
        wire.send('error', { code: 'key_in_use', text, elsewhere: second, fatal: false });
      },
      get isOpen() {
        return wire.isOpen;
      },
      send: wire.send,
      close: wire.close,
      restand,
    };
    deps.entered(session); // first: what `opened` sets off must not reach the session this one replaces
    toldStanding = JSON.stringify(standing);
    const { stop, have, resume } = events.opened(node, hello);
    wire.send('welcome', {
      session: id,
      standing,
      heartbeat_ms: publisher.current()?.snapshot.ttl.heartbeat_ms ?? TIMES.heartbeatMs,
      ping_ms: options.pingMs,
      dead_ms: options.deadMs,
      lease_ms: deps.leaseMs(),
      stop,
      have,
      resume,
    });
    cancelTimer = timers.set(options.pingMs, keepAlive);
    logger.info({ event: 'session.opened', node, standing: standing.state });
  };

  /** Says a standing once; heartbeat.ack repeats it. @returns whether it is news */
  const tellStanding = (current: NodeSession, standing: Standing): boolean => {
    current.presence = { ...current.presence, standing };
    const said = JSON.stringify(standing);
    if (said === toldStanding) return false;
    toldStanding = said;
    wire.send('standing', standing);
    return true;
  };

  const restand = (record: NodeRecord): void => {
    if (session !== undefined && tellStanding(session, standingNow(record))) events.heard(record.node);
  };

  const receive = (frame: Frame, current: NodeSession): void => {
    const { node } = current.presence;
    if (frame.header.s !== current.presence.session) {
      throw new SessionRefusedError(CLOSE.sequence, 'session_mismatch', 'a frame of another session');
    }
    if (mustBeSigned(frame.header.t)) verifyNodeFrame(keys.network, frame.header, node);
    current.presence = { ...current.presence, lastSeenMs: clock.nowMs() };
    const message = known(frame, wire.send);
    if (message !== undefined) actOn(message, current, { deps, wire, standingNow, tellStanding });
  };

  const heard = (): void => {
    lastHeardMs = clock.nowMs();
    life.settle(true);
  };

  const refuse = (caught: unknown): void => {
    const { closeCode, code, text, more } = refusalOf(caught);
    logger.warn({
      event: 'session.refused',
      node: session?.presence.node,
      closeCode,
      code,
      ...(code === 'internal' ? { err: caught } : {}),
    });
    wire.refuse(closeCode, code, text, more);
  };

  return {
    message: (bytes, isText) => {
      if (!wire.isOpen) return;
      heard();
      try {
        if (!isText) throw new ProtocolError('malformed', 'frames are text messages');
        const frame = sizedFrame(bytes);
        sequence.accept(frame.header.n);
        if (session === undefined) enter(frame);
        else receive(frame, session);
      } catch (caught) {
        refuse(caught);
      }
    },
    pong: heard,
    closed: (code) => {
      cancelTimer();
      life.settle(false);
      wire.close(CLOSE.normal, 'closed');
      if (session === undefined) return;
      logger.info({ event: 'session.closed', node: session.presence.node, code });
      deps.left(session);
    },
  };
};
