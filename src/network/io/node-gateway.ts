// All connected nodes: one session each, the newest. Hands their words to the job side and its words to them.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CLOSE } from '../../protocol/codes.js';
import type { MessageBody, MessageType } from '../../protocol/messages/catalogue.js';
import type { JobOffer } from '../../protocol/messages/jobs.js';
import { configInForce } from './config-in-force.js';
import type { NodeEvents } from './node-events.js';
import { createNodeOrders, type NodeOrders } from './node-orders.js';
import { type NodeSession, openSession, type SessionDeps } from './node-session.js';
import type { Presence } from './presence.js';
import { createWsEndpoint } from './ws-endpoint.js';

/** The right to make one offer in one session, counted from the moment it is taken. */
export interface OfferTicket {
  /** @returns false when the session is gone: the offer did not leave */
  send(offer: JobOffer): boolean;
  /** The offer will not be made after all. */
  release(): void;
}

export interface NodeGateway {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Connected nodes, with the offers made to each in its session. */
  sessions(): Iterable<Pick<NodeSession, 'presence' | 'offersSent'>>;
  find(node: string): Presence | undefined;
  /** @returns false when the node is not connected */
  send<T extends MessageType>(node: string, type: T, body: MessageBody<T>): boolean;
  takeOffer(node: string): OfferTicket | undefined;
  readonly order: NodeOrders['give'];
  /** Closes all sessions with 1012 and every socket. */
  close(): Promise<void>;
}

/** For a node to write an order down and answer. */
const ORDER_ANSWER_MS = 10_000;

export type GatewayDeps = Omit<SessionDeps, 'entered' | 'left' | 'answered' | 'events' | 'holderOf'> & {
  /** Sockets that may be in the handshake at once. */
  readonly maxHandshakes: number;
  /** Asked late, for the job side is built upon the gateway. */
  readonly events: () => NodeEvents;
};

export const createNodeGateway = (deps: GatewayDeps): NodeGateway => {
  const { publisher, registry, maxHandshakes, logger } = deps;
  const sessions = new Map<string, NodeSession>();
  let handshakes = 0;
  let isClosing = false;

  const sessionOf = (node: string): NodeSession | undefined => {
    const session = sessions.get(node.toLowerCase());
    return session?.isOpen === true ? session : undefined;
  };

  const send: NodeGateway['send'] = (node, type, body) => sessionOf(node)?.send(type, body) ?? false;

  const orders = createNodeOrders({ send, timers: deps.timers, answerWithinMs: ORDER_ANSWER_MS });

  const entered = (session: NodeSession): void => {
    handshakes--;
    const { node } = session.presence;
    const older = sessions.get(node.toLowerCase());
    sessions.set(node.toLowerCase(), session);
    older?.close(CLOSE.replaced, 'replaced');
    if (older !== undefined) orders.lost(node);
  };

  const left = (session: NodeSession): void => {
    const { node } = session.presence;
    if (sessions.get(node.toLowerCase()) !== session) return;
    sessions.delete(node.toLowerCase());
    orders.lost(node);
    deps.events().closed(node);
  };

  const endpoint = createWsEndpoint({
    hasRoom: () => !isClosing && handshakes < maxHandshakes,
    accept: (socket, dialled) => {
      handshakes++;
      let inHandshake = true;
      const handlers = openSession(
        {
          ...deps,
          events: deps.events(),
          holderOf: (node, instance) => {
            const holder = sessionOf(node);
            return holder?.presence.instance === instance ? undefined : holder;
          },
          entered: (session) => {
            inHandshake = false;
            entered(session);
          },
          left,
          answered: orders.answered,
        },
        socket,
        dialled,
      );
      return {
        ...handlers,
        closed: (code) => {
          if (inHandshake) handshakes--;
          handlers.closed(code);
        },
      };
    },
  });

  const stopNotifying = [
    publisher.onPublished(() => {
      const config = configInForce(publisher);
      if (config === null) return;
      for (const session of sessions.values()) session.send('config.notify', config);
    }),
    registry.onChange((record) => sessionOf(record.node)?.restand(record)),
  ];

  return {
    handleUpgrade: endpoint.handleUpgrade,
    *sessions() {
      for (const session of sessions.values()) if (session.isOpen) yield session;
    },
    find: (node) => sessionOf(node)?.presence,
    send,
    order: orders.give,
    takeOffer: (node) => {
      const session = sessionOf(node);
      if (session === undefined) return undefined;
      session.offersSent++;
      return {
        send: (offer) => {
          try {
            return session.send('job.offer', offer);
          } catch (err) {
            logger.error({ event: 'offer.not_sent', job: offer.job, err });
            return false;
          }
        },
        release: () => {
          session.offersSent--;
        },
      };
    },
    close: async () => {
      isClosing = true;
      for (const stop of stopNotifying) stop();
      for (const session of sessions.values()) session.close(CLOSE.restart, 'restart');
      await endpoint.close();
    },
  };
};
