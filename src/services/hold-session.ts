// One session with the network: greeting, hello, welcome, then frames in order. Turns what arrives into events; a prompt
// goes to the intake, never into an event.

import type { Logger } from 'pino';
import { fromCallback } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { NetworkSockets } from '../adapters/network-socket/network-sockets.js';
import type { LinkEvent } from '../machines/link-machine.js';
import { CLOSE_CODE } from '../protocol/close-code.js';
import { CLOSE } from '../protocol/codes.js';
import { decodeFrame, type Frame } from '../protocol/frame.js';
import { sessionId, signAsNode, verifyNetworkFrame } from '../protocol/handshake.js';
import { LIMITS, TIMES } from '../protocol/limits.js';
import { encodeMessage, type Incoming, mustBeSigned, parseMessage } from '../protocol/message-codec.js';
import type { ConfigRef, Hello, Welcome } from '../protocol/messages/session.js';
import { ZERO_ADDRESS } from '../protocol/primitives.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import { createSequenceCheck } from '../protocol/sequence.js';
import type { Executions } from './executions.js';
import type { JobIntake } from './job-intake.js';
import type { Membership } from './membership.js';
import type { NetworkTime } from './network-time.js';
import type { OutboundLane } from './outbound-lane.js';
import { resumeStreams } from './resume-streams.js';
import type { SessionFacts } from './session-facts.js';
import { takeCommand } from './take-command.js';

export interface HoldSessionParts {
  readonly sockets: NetworkSockets;
  readonly membership: Membership;
  readonly lane: OutboundLane;
  readonly intake: JobIntake;
  readonly executions: Executions;
  readonly facts: SessionFacts;
  readonly clock: Clock;
  readonly time: NetworkTime;
  readonly logger: Logger;
  /** What the hello says of this node at this moment; the session fills in nonce, node and audience. */
  readonly describe: () => Omit<Hello, 'nonce' | 'node' | 'audience'>;
}

/** A hello is sent as frame 0; the lane goes on from 1. */
const FIRST_SEQ_IN_SESSION = 1;
const SHORTEST_PING_MS = 250;

export const holdSession = (parts: HoldSessionParts) =>
  fromCallback<LinkEvent, undefined>(({ sendBack }) => {
    const report: (event: LinkEvent) => void = sendBack;
    const { membership, lane, intake, facts, clock, time, logger } = parts;
    const { id: network, root, socketUrl } = membership.network.get();
    const { signer, nodeId } = membership.identity.get();
    const onlineKeys = root.roles.online.keys;
    const audience = new URL(socketUrl).origin;
    const sign = signAsNode(network, signer);
    const sequence = createSequenceCheck();
    const left = new AbortController();
    let expectedSession: string | undefined;
    let isOpen = false;
    let greetedMs = 0;
    let retryAfterMs: number | null = null;
    /** Why the network is about to close, in its own words. */
    let farewell = '';

    const greet = (frame: Frame): void => {
      verifyNetworkFrame(network, frame.header, ZERO_ADDRESS, onlineKeys);
      const message = parseMessage(frame, 'network');
      if (message.type !== 'greeting')
        throw new ProtocolError('malformed', 'the network did not greet first');
      if (message.body.network !== network.name) {
        throw new ProtocolError(
          'network_mismatch',
          `greeted by '${message.body.network}', not '${network.name}'`,
        );
      }
      greetedMs = message.body.time_ms;
      facts.clockOffsetMs = clock.nowMs() - greetedMs;
      report({ type: 'session.greeted' });
      const hello = encodeMessage(
        {
          type: 'hello',
          body: { ...parts.describe(), nonce: message.body.nonce, node: nodeId, audience },
          seq: 0,
          timeMs: clock.nowMs(),
          session: undefined,
        },
        sign,
      );
      const helloDigest = decodeFrame(hello, LIMITS.offerBytes).header.bd;
      expectedSession = sessionId(frame.header.bd, helloDigest);
      facts.offered = message.body.config;
      socket.send(hello);
    };

    /** As the network wishes, within bounds that no network can widen. */
    const keepAlive = ({ ping_ms, dead_ms }: Welcome): void => {
      const pingMs = Math.min(Math.max(ping_ms, SHORTEST_PING_MS), TIMES.pingMs);
      socket.keepAlive(pingMs, Math.min(Math.max(dead_ms, 2 * pingMs), TIMES.deadMs));
    };

    const open = (message: Incoming & { type: 'welcome' }): void => {
      if (message.body.session !== expectedSession) {
        throw new ProtocolError('signature_invalid', 'the welcome names another session than this handshake');
      }
      isOpen = true;
      time.heard(greetedMs); // only now: the welcome proves that the greeting was not an old one
      if (facts.elsewhere?.holdsSession) facts.elsewhere = null; // it let go: the key is ours alone again
      const { session, standing, stop, have, resume } = message.body;
      facts.heartbeatMs = message.body.heartbeat_ms;
      keepAlive(message.body);
      lane.attach({ socket, session, firstSeq: FIRST_SEQ_IN_SESSION, sign });
      logger.info({ event: 'session.opened', standing: standing.state }, 'connected to the network');
      report({ type: 'session.opened', session });
      report({ type: 'standing.changed', standing });
      for (const { job, attempt } of stop)
        report({ type: 'job.cancelled', job, attempt, reason: 'superseded' });
      for (const { job, attempt } of have) {
        report({ type: 'result.acknowledged', job, attempt, verdict: 'duplicate' });
      }
      for (const { job, attempt } of resumeStreams(parts, resume)) {
        report({ type: 'job.cancelled', job, attempt, reason: 'chain_mismatch' });
      }
      if (facts.offered !== null) report({ type: 'config.offered', config: facts.offered });
    };

    const offered = (config: ConfigRef): void => {
      facts.offered = config;
      report({ type: 'config.offered', config });
    };

    const receive = (message: Incoming): void => {
      switch (message.type) {
        case 'heartbeat.ack': {
          time.heard(message.body.time_ms);
          facts.clockOffsetMs = clock.nowMs() - message.body.time_ms;
          facts.lastAckMs = clock.nowMs();
          report({ type: 'standing.changed', standing: message.body.standing });
          if (message.body.config !== null) offered(message.body.config);
          break;
        }
        case 'standing':
          report({ type: 'standing.changed', standing: message.body });
          break;
        case 'config.notify':
          offered(message.body);
          break;
        case 'job.offer': {
          const { job, attempt } = message.body;
          intake.put({
            offer: message.body,
            requestDigest: message.header.bd,
            bytes: Buffer.byteLength(JSON.stringify(message.body.request)),
            session: message.header.s ?? '',
            receivedMs: time.nowMs(),
            receivedMonotonicMs: clock.monotonicMs(),
          });
          report({ type: 'job.offered', job, attempt });
          break;
        }
        case 'job.cancel':
          report({ type: 'job.cancelled', ...message.body });
          break;
        case 'result.ack': {
          const { job, attempt, verdict, code } = message.body;
          if (verdict === 'rejected') {
            logger.warn({ event: 'result.rejected', job, attempt, code }, 'the network rejected a result');
          }
          report({ type: 'result.acknowledged', job, attempt, verdict });
          break;
        }
        case 'admin.command': {
          const news = takeCommand(parts, message.body);
          if (news !== undefined) report(news);
          break;
        }
        case 'error':
          logger.warn(
            { event: 'network.error', code: message.body.code, fatal: message.body.fatal },
            message.body.text,
          );
          retryAfterMs = message.body.retry_after_ms ?? retryAfterMs;
          if (message.body.fatal) farewell = message.body.text;
          if (message.body.elsewhere !== undefined) {
            facts.elsewhere = { ...message.body.elsewhere, holdsSession: !isOpen };
          }
          break;
        case 'goodbye':
          logger.info({ event: 'network.goodbye', reason: message.body.reason }, 'the network says goodbye');
          retryAfterMs = message.body.reconnect_after_ms ?? retryAfterMs;
          break;
        default:
          throw new ProtocolError('malformed', `'${message.type}' has no place here`);
      }
    };

    const take = (bytes: Uint8Array): void => {
      const frame = decodeFrame(bytes, LIMITS.resultBytes);
      sequence.accept(frame.header.n);
      if (expectedSession === undefined) {
        greet(frame);
        return;
      }
      if (!isOpen && frame.header.t === 'error') {
        receive(parseMessage(frame, 'network'));
        return;
      }
      if (frame.header.s !== expectedSession)
        throw new ProtocolError('signature_invalid', 'a frame of another session');
      if (mustBeSigned(frame.header.t)) verifyNetworkFrame(network, frame.header, nodeId, onlineKeys);
      const message = parseMessageLeniently(frame);
      if (message === undefined) return;
      if (message.type === 'welcome' && !isOpen) open(message);
      else if (isOpen) receive(message);
      else throw new ProtocolError('malformed', `'${message.type}' before the welcome`);
    };

    /** Unknown types of a newer network are answered and survived, unless it says they are critical. */
    const parseMessageLeniently = (frame: Frame): Incoming | undefined => {
      try {
        return parseMessage(frame, 'network');
      } catch (error) {
        if (
          !(error instanceof ProtocolError) ||
          error.protocolCode !== 'unsupported_type' ||
          frame.header.crit
        ) {
          throw error;
        }
        if (isOpen) {
          const body = { code: 'unsupported_type', text: error.message, about: frame.header.n, fatal: false };
          lane.send('error', body);
        }
        return undefined;
      }
    };

    const hangUp = (code: number, reason: string): void => {
      if (left.signal.aborted) return;
      lane.detach();
      socket.close(code, reason.slice(0, 120)); // before the abort, which closes with 1000: the first close wins
      left.abort();
      // To the node it is a suspect session whatever the network is told: only the network's own refusal of this
      // node's signature may count against its identity, not a forged greeting.
      report({ type: 'session.closed', code: CLOSE.suspect, reason, retryAfterMs });
    };

    const socket = parts.sockets.dial(socketUrl, left.signal, {
      opened: () =>
        logger.debug({ event: 'link.dialled', url: audience }, 'socket open; waiting for the greeting'),
      message: (bytes) => {
        if (left.signal.aborted) return;
        try {
          take(bytes);
        } catch (error) {
          if (!(error instanceof ProtocolError)) {
            // A fault of ours: this session is given up, the jobs in hand and the process are not.
            logger.error({ event: 'link.internal_error', err: error }, 'a frame could not be handled');
            hangUp(CLOSE.suspect, 'internal error');
            return;
          }
          logger.warn({ event: 'link.protocol_error', code: error.protocolCode }, error.message);
          hangUp(CLOSE_CODE[error.protocolCode], error.message);
        }
      },
      closed: (code, reason) => {
        lane.detach();
        logger.info({ event: 'link.closed', code, reason }, 'the connection to the network is closed');
        const why = farewell || reason || `closed with ${code}`;
        report({ type: 'session.closed', code, reason: why, retryAfterMs });
      },
    });

    return () => {
      lane.detach();
      left.abort();
    };
  });
