// What everybody may read: the network's card, its trust root, its configurations.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FRAME_CONTENT_TYPE, type NetworkInfo } from '../../protocol/http.js';
import { PROTOCOL_VERSION } from '../../protocol/limits.js';
import type { ConfigPublisher, PublishedConfig } from '../publishing/config-publisher.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import { UnknownConfigError } from './http-errors.js';

export interface DocumentDeps {
  readonly keys: NetworkKeys;
  readonly publisher: ConfigPublisher;
  readonly clock: Clock;
  readonly socketUrl: string;
  readonly portalUrl: string;
}

const FOREVER = 'public, max-age=31536000, immutable';

export const documentRoutes = (app: FastifyInstance, deps: DocumentDeps): void => {
  const { keys, publisher, clock, socketUrl, portalUrl } = deps;
  const { name, chainId, genesis } = keys.network;

  app.get('/v1/network', async (_request, reply): Promise<NetworkInfo> => {
    reply.header('cache-control', 'no-store'); // it tells the time
    const config = publisher.current();
    return {
      network: name,
      chain_id: chainId,
      genesis,
      protocol: [PROTOCOL_VERSION],
      socket_url: socketUrl,
      portal_url: portalUrl,
      config: config === undefined ? null : { version: config.version, digest: config.digest },
      time_ms: clock.nowMs(),
    };
  });

  app.get('/v1/root/1', async (_request, reply) =>
    reply.type('application/json').header('cache-control', FOREVER).send(Buffer.from(keys.rootBytes)),
  );

  app.get('/v1/config', async (request, reply) => {
    const config = publisher.current();
    if (config === undefined) {
      throw new UnknownConfigError('this network has not published a configuration yet', {
        advice: 'Its operator publishes one; try again later.',
      });
    }
    return sendConfig(request, reply.header('cache-control', 'no-cache'), config);
  });

  app.get<{ Params: { digest: string } }>('/v1/config/:digest', async (request, reply) => {
    const config = publisher.byDigest(request.params.digest);
    if (config === undefined) {
      throw new UnknownConfigError('no configuration of this network has this digest', {
        advice: 'Ask for /v1/config, the one in force.',
      });
    }
    return sendConfig(request, reply.header('cache-control', FOREVER), config);
  });
};

const sendConfig = (request: FastifyRequest, reply: FastifyReply, config: PublishedConfig): FastifyReply => {
  reply.header('etag', `"${config.digest}"`);
  if (isHeld(request.headers['if-none-match'], config.digest)) return reply.code(304).send();
  return reply.type(FRAME_CONTENT_TYPE).send(Buffer.from(config.document));
};

/** RFC 9110 section 13.1.2: a list of tags, compared weakly, or `*`. */
const isHeld = (header: string | undefined, digest: string): boolean =>
  (header ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || tag === `"${digest}"`);
