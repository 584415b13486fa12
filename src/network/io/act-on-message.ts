// What a node's message sets off in its session, once it is believed.
import { CLOSE } from '../../protocol/codes.js';
import type { Incoming } from '../../protocol/message-codec.js';
import type { Standing } from '../../protocol/messages/session.js';
import { ProtocolError } from '../../protocol/protocol-error.js';
import type { NodeRecord } from '../registry/node-registry.js';
import { configInForce } from './config-in-force.js';
import type { NodeSession, SessionDeps } from './node-session.js';
import { withCapacity, withHeartbeat } from './presence.js';
import type { SessionWire } from './session-wire.js';

export interface ActParts {
  readonly deps: SessionDeps;
  readonly wire: SessionWire;
  readonly standingNow: (record: NodeRecord) => Standing;
  /** Says a standing once. */
  readonly tellStanding: (current: NodeSession, standing: Standing) => void;
}

/** @throws ProtocolError for what has no place in a session */
export const actOn = (
  message: Incoming,
  current: NodeSession,
  { deps, wire, standingNow, tellStanding }: ActParts,
): void => {
  const { keys, registry, publisher, clock, logger, events } = deps;
  const { node } = current.presence;
  switch (message.type) {
    case 'heartbeat': {
      if (message.body.network !== keys.network.name) {
        throw new ProtocolError('network_mismatch', `a heartbeat for '${message.body.network}'`);
      }
      const record = registry.find(node);
      const standing = record === undefined ? current.presence.standing : standingNow(record);
      current.presence = withHeartbeat(current.presence, message.body, clock.nowMs());
      tellStanding(current, standing);
      const config = configInForce(publisher);
      wire.send('heartbeat.ack', { time_ms: clock.nowMs(), config, standing });
      events.heard(node);
      break;
    }
    case 'capacity':
      current.presence = withCapacity(current.presence, message.body);
      events.heard(node);
      break;
    case 'config.applied':
      logger.info({ event: 'config.applied', node, ...message.body });
      if (message.body.outcome === 'applied') {
        current.presence = { ...current.presence, configDigest: message.body.digest };
      }
      events.heard(node);
      break;
    case 'job.accept':
      events.accepted(node, message.body);
      break;
    case 'job.decline':
      events.declined(node, message.body);
      break;
    case 'job.delta':
      events.delta(node, message.body, message.header.n);
      break;
    case 'result':
      events.result(node, message.body);
      break;
    case 'admin.result':
      logger.info({ event: 'order.answered', node, ...message.body });
      deps.answered(node, message.body);
      break;
    case 'goodbye':
      wire.close(CLOSE.normal, 'goodbye'); // first: the jobs it hands back must not come to it again
      events.goodbye(node, message.body);
      break;
    case 'error':
      logger.warn({
        event: 'session.node_error',
        node,
        code: message.body.code,
        about: message.body.about,
      });
      break;
    default:
      throw new ProtocolError('malformed', `'${message.type}' has no place in a session`);
  }
};
