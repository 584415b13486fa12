// Log reports: a signed manifest opens one, pieces follow at their offsets, a signed receipt ends it. Pieces carry no
// signature: only who knows the report's id can send them, and only the announced bytes are ever receipted.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { FRAME_CONTENT_TYPE, reportManifest } from '../../protocol/http.js';
import { LIMITS } from '../../protocol/limits.js';
import type { NodeRegistry } from '../registry/node-registry.js';
import { UnknownNodeError } from '../registry/registry-errors.js';
import type { ReportDesk } from '../reports/report-desk.js';
import { OffsetMismatchError } from '../reports/report-errors.js';
import { BadRequestError, MediaTypeError } from './http-errors.js';
import { frameBytes, SIGNED_BYTES, type SignedBodies } from './signed-body.js';

export interface ReportRouteDeps {
  readonly registry: NodeRegistry;
  readonly reports: ReportDesk;
  readonly signed: SignedBodies;
  readonly logger: Logger;
}

/** As tus names the header: https://tus.io/protocols/resumable-upload */
const OFFSET_HEADER = 'upload-offset';
export const PIECE_CONTENT_TYPES = ['application/octet-stream', 'application/offset+octet-stream'];

/** @param limited adds the rate limit of this group to a route's options */
export const reportRoutes = (
  app: FastifyInstance,
  deps: ReportRouteDeps,
  limited: <T extends object>(options: T) => T,
): void => {
  const { registry, reports, signed, logger } = deps;

  app.post('/v1/reports', limited({ bodyLimit: SIGNED_BYTES }), async (request, reply) => {
    const manifest = signed.read(frameBytes(request), 'report.manifest', reportManifest);
    if (registry.find(manifest.node) === undefined) {
      throw new UnknownNodeError('this node is not registered', { advice: 'Register it first.' });
    }
    const progress = await reports.open(manifest);
    return reply
      .header('location', `/v1/reports/${manifest.report}`)
      .header(OFFSET_HEADER, progress.offset)
      .send(progress);
  });

  app.patch<{ Params: { report: string } }>(
    '/v1/reports/:report',
    limited({ bodyLimit: LIMITS.logPieceBytes }),
    async (request, reply) => {
      const { report } = request.params;
      const offset = offsetOf(request);
      try {
        const answer = await reports.append(report, offset, pieceOf(request));
        if (answer instanceof Uint8Array) {
          logger.info({ event: 'report.received', report }, 'report received');
          return reply.type(FRAME_CONTENT_TYPE).send(Buffer.from(answer));
        }
        return reply.header(OFFSET_HEADER, answer.offset).send(answer);
      } catch (caught) {
        if (caught instanceof OffsetMismatchError) tellOffset(reply, caught);
        throw caught;
      }
    },
  );
};

const tellOffset = (reply: FastifyReply, { offset }: OffsetMismatchError): void => {
  reply.header(OFFSET_HEADER, offset);
};

const offsetOf = (request: FastifyRequest): number => {
  const text = request.headers[OFFSET_HEADER];
  if (typeof text === 'string' && /^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new BadRequestError('a piece needs an Upload-Offset header', {
    advice: 'Name the byte the piece begins at, counted from 0.',
  });
};

const pieceOf = (request: FastifyRequest): Uint8Array => {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  const { body } = request;
  if (body === undefined || body === null) return new Uint8Array();
  if (PIECE_CONTENT_TYPES.includes(type) && Buffer.isBuffer(body)) return body;
  throw new MediaTypeError(`a piece is sent as ${PIECE_CONTENT_TYPES[0]}`, {
    advice: 'Send the bytes as they are.',
  });
};
