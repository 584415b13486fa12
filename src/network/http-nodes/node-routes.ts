// The HTTP half of protocol v1, all routes below /v1 that nodes use, as one fastify plugin.
import rateLimit from '@fastify/rate-limit';
import type { FastifyPluginAsync } from 'fastify';
import type { Logger } from 'pino';
import { FRAME_CONTENT_TYPE } from '../../protocol/http.js';
import type { BindingDesk } from '../binding/binding-desk.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';
import type { NodeRegistry } from '../registry/node-registry.js';
import type { ReportDesk } from '../reports/report-desk.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import { type Challenges, createChallenges } from './challenges.js';
import { documentRoutes } from './document-routes.js';
import { TooManyRequestsError } from './http-errors.js';
import { problemOf } from './problems.js';
import { registrationRoutes } from './registration-routes.js';
import { PIECE_CONTENT_TYPES, reportRoutes } from './report-routes.js';
import { createSignedBodies } from './signed-body.js';

export interface NodeRoutesDeps {
  readonly keys: NetworkKeys;
  readonly registry: NodeRegistry;
  readonly publisher: ConfigPublisher;
  readonly binding: BindingDesk;
  readonly reports: ReportDesk;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where nodes dial, e.g. `ws://127.0.0.1:7530/v1/nodes/ws`. */
  readonly socketUrl: string;
  /** Where owners manage nodes. */
  readonly portalUrl: string;
  /** Requests per minute and client address, for each group of costly routes. */
  readonly perMinute?: Partial<RequestLimits>;
  /** For tests. */
  readonly challenges?: Challenges;
}

export interface RequestLimits {
  /** Challenges, registrations, standing, binding: each a signature check (milliseconds) or the way to one. */
  readonly signed: number;
  /** Manifests and pieces of reports. */
  readonly reports: number;
}

/** Many nodes of one owner share an address; a signature check takes some 3 ms, so this is a twentieth of one core. */
const DEFAULT_LIMITS: RequestLimits = { signed: 1_200, reports: 1_200 };
const MINUTE_MS = 60_000;

export const nodeRoutes =
  (deps: NodeRoutesDeps): FastifyPluginAsync =>
  async (app) => {
    const { keys, clock, logger } = deps;
    const perMinute = { ...DEFAULT_LIMITS, ...deps.perMinute };
    const challenges = deps.challenges ?? createChallenges(clock);
    const signed = createSignedBodies({ network: keys.network, challenges, clock });

    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      [FRAME_CONTENT_TYPE, ...PIECE_CONTENT_TYPES],
      { parseAs: 'buffer' },
      (_request, body, done) => done(null, body),
    );
    app.setErrorHandler((caught, request, reply) => {
      const problem = problemOf(caught);
      if (problem.status >= 500) {
        const facts = { event: 'http.failed', requestId: request.id, code: problem.code, err: caught };
        logger.error(facts, 'request failed');
      }
      if (problem.retry_after_ms !== undefined) {
        reply.header('retry-after', Math.ceil(problem.retry_after_ms / 1000));
      }
      return reply.code(problem.status).type('application/problem+json').send(problem);
    });
    await app.register(rateLimit, {
      global: false,
      errorResponseBuilder: (_request, { ttl }) =>
        new TooManyRequestsError('too many requests from this address', ttl, {
          advice: 'Wait for the time named, then go on more slowly.',
        }),
    });
    const limitedTo =
      (groupId: string, max: number) =>
      <T extends object>(options: T): T => ({
        ...options,
        config: { rateLimit: { max, timeWindow: MINUTE_MS, groupId } },
      });

    documentRoutes(app, deps);
    registrationRoutes(app, { ...deps, challenges, signed }, limitedTo('signed', perMinute.signed));
    reportRoutes(app, { ...deps, signed }, limitedTo('reports', perMinute.reports));
  };
