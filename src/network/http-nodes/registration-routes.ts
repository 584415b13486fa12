// What a node asks about itself: a challenge, its registration, its standing, its owner.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import {
  type BindOffer,
  bindFinish,
  bindStart,
  type NodeStanding,
  registration,
  standingQuery,
} from '../../protocol/http.js';
import { PROTOCOL_VERSION } from '../../protocol/limits.js';
import { sameAddress } from '../../protocol/signature.js';
import type { BindingDesk } from '../binding/binding-desk.js';
import type { NodeRecord, NodeRegistry } from '../registry/node-registry.js';
import { UnknownNodeError } from '../registry/registry-errors.js';
import type { Clock } from '../scheduler/timing.js';
import { addressOfPublicKey } from '../trust/addresses.js';
import type { Challenges } from './challenges.js';
import { NodeMismatchError, ProtocolUnsupportedError } from './http-errors.js';
import { claimedKind, frameBytes, SIGNED_BYTES, type SignedBodies } from './signed-body.js';

export interface RegistrationDeps {
  readonly registry: NodeRegistry;
  readonly binding: BindingDesk;
  readonly challenges: Challenges;
  readonly signed: SignedBodies;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface NodePath {
  readonly Params: { readonly node: string };
}

/** @param limited adds the rate limit of this group to a route's options */
export const registrationRoutes = (
  app: FastifyInstance,
  deps: RegistrationDeps,
  limited: <T extends object>(options: T) => T,
): void => {
  const { registry, binding, challenges, signed, clock, logger } = deps;
  const standingOf = (record: NodeRecord): NodeStanding => ({
    node: record.node,
    registered_ms: record.registered_ms,
    revision: record.revision,
    standing: registry.standingOf(record, clock.nowMs()),
  });
  const signedRoute = limited({ bodyLimit: SIGNED_BYTES });

  app.post('/v1/nodes/challenge', limited({ bodyLimit: 1024 }), async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return challenges.issue();
  });

  app.put<NodePath>('/v1/nodes/:node', signedRoute, async (request, reply): Promise<NodeStanding> => {
    const body = signed.readOnce(frameBytes(request), 'register', registration, request.params.node);
    const node = addressOfPublicKey(body.public_key);
    if (node === undefined || !sameAddress(node, body.node)) {
      throw new NodeMismatchError('the node id does not follow from the public key', {
        advice: 'The id is the EVM address of the key; send the key that signs.',
      });
    }
    if (body.protocol !== PROTOCOL_VERSION) {
      throw new ProtocolUnsupportedError(
        `this network speaks protocol ${PROTOCOL_VERSION}, not ${body.protocol}`,
        {
          advice: 'Use a version of the node that speaks it.',
        },
      );
    }
    const isNew = registry.find(node) === undefined;
    const record = await registry.register({ ...body, node }, clock.nowMs());
    logger.info({ event: 'node.registered', node, revision: record.revision, isNew }, 'node registered');
    reply.code(isNew ? 201 : 200);
    return standingOf(record);
  });

  app.post<NodePath>('/v1/nodes/:node/standing', signedRoute, async (request): Promise<NodeStanding> => {
    const { node } = signed.readOnce(frameBytes(request), 'standing.get', standingQuery, request.params.node);
    const record = registry.find(node);
    if (record === undefined) {
      throw new UnknownNodeError('this node is not registered', { advice: 'Register it first.' });
    }
    return standingOf(record);
  });

  app.post<NodePath>(
    '/v1/nodes/:node/binding',
    signedRoute,
    async (request): Promise<BindOffer | NodeStanding> => {
      const bytes = frameBytes(request);
      const { node } = request.params;
      if (claimedKind(bytes) === 'bind.finish') {
        const record = await binding.finish(signed.readOnce(bytes, 'bind.finish', bindFinish, node));
        logger.info({ event: 'node.bound', node: record.node, by: record.owner?.kind }, 'node bound');
        return standingOf(record);
      }
      return binding.start(signed.readOnce(bytes, 'bind.start', bindStart, node));
    },
  );
};
