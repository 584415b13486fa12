// Every failure as a problem body (RFC 9457) with a stable code. What is not the caller's fault keeps its details here.
import { STATUS_CODES } from 'node:http';
import { NodeError } from '../../errors.js';
import type { Problem } from '../../protocol/http.js';
import { ProtocolError, type ProtocolErrorCode } from '../../protocol/protocol-error.js';

const PROTOCOL_STATUS: Readonly<Record<ProtocolErrorCode, number>> = {
  malformed: 400,
  too_large: 413,
  digest_mismatch: 400,
  signature_invalid: 401,
  unsupported_type: 400,
  sequence_gap: 400,
  network_mismatch: 400,
  clock_skew: 401,
};

/** By the code of the error; the problem's code is the same in lower case. Others are the network's own fault. */
const STATUS: Readonly<Record<string, number>> = {
  ALREADY_BOUND: 409,
  BAD_REQUEST: 400,
  BINDING_EXPIRED: 410,
  BINDING_SPENT: 410,
  CHALLENGES_EXHAUSTED: 503,
  CHALLENGE_REFUSED: 401,
  NODE_MISMATCH: 403,
  OFFSET_MISMATCH: 409,
  PROOF_REFUSED: 403,
  PROTOCOL_UNSUPPORTED: 400,
  REPORT_CONFLICT: 409,
  REPORT_DIGEST: 422,
  REPORT_STORAGE: 503,
  REPORT_TOO_LARGE: 413,
  TOO_MANY_BINDINGS: 429,
  TOO_MANY_REQUESTS: 429,
  UNKNOWN_BINDING: 404,
  UNKNOWN_CONFIG: 404,
  UNKNOWN_NODE: 404,
  UNKNOWN_REPORT: 404,
  UNSUPPORTED_MEDIA_TYPE: 415,
};

const DETAIL_CHARS = 500;
const INTERNAL: Problem = { title: 'Internal Server Error', status: 500, code: 'internal' };

/** The problem a caught error is told as. Status 500 is worth a line in the log. */
export const problemOf = (caught: unknown): Problem => {
  if (caught instanceof ProtocolError) {
    return told(caught, PROTOCOL_STATUS[caught.protocolCode], caught.protocolCode);
  }
  if (caught instanceof NodeError) {
    const status = STATUS[caught.code];
    return status === undefined ? INTERNAL : told(caught, status, caught.code.toLowerCase());
  }
  return problemOfFramework(caught) ?? INTERNAL;
};

const told = (error: NodeError, status: number, code: string): Problem => ({
  title: titleOf(status),
  status,
  code,
  detail: [error.message, error.advice].filter(Boolean).join('. ').slice(0, DETAIL_CHARS),
  ...('retryAfterMs' in error &&
    typeof error.retryAfterMs === 'number' && { retry_after_ms: Math.ceil(error.retryAfterMs) }),
});

const FRAMEWORK_CODES: Readonly<Record<number, string>> = { 413: 'too_large', 415: 'unsupported_media_type' };

/** fastify's own refusals: a body too long, an unknown media type, a broken URL. */
const problemOfFramework = (caught: unknown): Problem | undefined => {
  if (typeof caught !== 'object' || caught === null || !('statusCode' in caught)) return undefined;
  const status = Number(caught.statusCode);
  if (!(status >= 400 && status < 500)) return undefined;
  return { title: titleOf(status), status, code: FRAMEWORK_CODES[status] ?? 'bad_request' };
};

const titleOf = (status: number): string => STATUS_CODES[status] ?? 'Error';
