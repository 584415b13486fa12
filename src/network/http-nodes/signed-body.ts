// From a request's bytes to a body that is known to come from the node it names, once.
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { decodeFrame } from '../../protocol/frame.js';
import { FRAME_CONTENT_TYPE } from '../../protocol/http.js';
import { LIMITS } from '../../protocol/limits.js';
import type { NetworkId } from '../../protocol/network-id.js';
import type { Address, Bytes32 } from '../../protocol/primitives.js';
import { sameAddress } from '../../protocol/signature.js';
import { verifySignedRequest } from '../../protocol/signed-request.js';
import type { Clock } from '../scheduler/timing.js';
import type { Challenges } from './challenges.js';
import { MediaTypeError, NodeMismatchError } from './http-errors.js';

/** Bytes of the longest signed request. */
export const SIGNED_BYTES = LIMITS.headerBytes + 1 + LIMITS.controlBytes;

/** @throws MediaTypeError */
export const frameBytes = (request: FastifyRequest): Uint8Array => {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === FRAME_CONTENT_TYPE && Buffer.isBuffer(request.body)) return request.body;
  throw new MediaTypeError(`a signed request is sent as ${FRAME_CONTENT_TYPE}`, {
    advice: 'Send one frame: a header line, a line feed, the JSON body.',
  });
};

/** The kind a signed request says it is; nothing of it is checked yet. @throws ProtocolError */
export const claimedKind = (bytes: Uint8Array): string => decodeFrame(bytes, LIMITS.controlBytes).header.t;

export interface SignedBodyDeps {
  readonly network: NetworkId;
  readonly challenges: Challenges;
  readonly clock: Clock;
}

export interface SignedBodies {
  /**
   * Checks kind, time, shape, signature and that the path names the signer, then uses up the nonce.
   * @throws ProtocolError, NodeMismatchError, ChallengeRefusedError
   */
  readOnce<T extends { readonly node: Address; readonly nonce: Bytes32 }>(
    bytes: Uint8Array,
    kind: string,
    schema: z.ZodType<T>,
    pathNode: string,
  ): T;
  /** Without a nonce, for requests whose repetition changes nothing. @throws ProtocolError */
  read<T extends { readonly node: Address }>(bytes: Uint8Array, kind: string, schema: z.ZodType<T>): T;
}

export const createSignedBodies = ({ network, challenges, clock }: SignedBodyDeps): SignedBodies => ({
  readOnce: (bytes, kind, schema, pathNode) => {
    const body = verifySignedRequest(bytes, network, kind, schema, clock.nowMs());
    if (!sameAddress(body.node, pathNode)) {
      throw new NodeMismatchError('the path names another node than the one that signed', {
        advice: 'A node speaks for itself only.',
      });
    }
    challenges.spend(body.nonce);
    return body;
  },
  read: (bytes, kind, schema) => verifySignedRequest(bytes, network, kind, schema, clock.nowMs()),
});
