// From an answer's bytes to a protocol shape, or to an error that keeps the network's own words.
import type { z } from 'zod';
import { parseBoundedJson } from '../../protocol/bounded-json.js';
import { FRAME_CONTENT_TYPE, type Problem, problem } from '../../protocol/http.js';
import type { ExchangeAnswer } from './http-exchange.js';
import { NetworkMalformedError, NetworkRefusedError } from './network-http-errors.js';

/** The longest wait a header can ask for; a longer one is taken as this. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** @throws NetworkRefusedError unless the status is 2xx */
export const requireSuccess = (answer: ExchangeAnswer, what: string): ExchangeAnswer => {
  const { status } = answer;
  if (status >= 200 && status < 300) return answer;
  if (status >= 300 && status < 400) {
    throw new NetworkRefusedError(
      `${what}: the network redirects (${status})`,
      status,
      undefined,
      undefined,
      {
        advice: 'Redirects are not followed: configure the URL the network itself is at.',
      },
    );
  }
  const said = problemOf(answer);
  const words =
    said === undefined ? `status ${status}` : `${said.detail ?? said.title} (${said.code}, ${status})`;
  throw new NetworkRefusedError(
    `${what}: ${words}`,
    status,
    said,
    said?.retry_after_ms ?? retryAfterMs(answer),
  );
};

/** @throws NetworkMalformedError not JSON by type or content, or not of this shape */
export const readJson = <T>(answer: ExchangeAnswer, shape: z.ZodType<T>, what: string): T => {
  if (!/^application\/(?:[a-z0-9.-]+\+)?json$/.test(answer.contentType)) {
    throw malformed(what, `it is of type '${answer.contentType.slice(0, 64)}', not JSON`);
  }
  const value = attempt(what, () => parseBoundedJson(answer.body, { maxBytes: answer.body.length }));
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw malformed(what, `'${issue?.path.join('.') ?? ''}' ${issue?.message ?? ''}`);
};

/** The bytes of a signed document. @throws NetworkMalformedError another content type */
export const readFrame = (answer: ExchangeAnswer, what: string): Uint8Array => {
  if (answer.contentType === FRAME_CONTENT_TYPE) return answer.body;
  throw malformed(what, `it is of type '${answer.contentType.slice(0, 64)}', not ${FRAME_CONTENT_TYPE}`);
};

/** Runs a check of the protocol; what it throws says that the answer is malformed. */
export const attempt = <T>(what: string, check: () => T): T => {
  try {
    return check();
  } catch (cause) {
    throw malformed(what, cause instanceof Error ? cause.message : 'unreadable', cause);
  }
};

export const malformed = (what: string, why: string, cause?: unknown): NetworkMalformedError =>
  new NetworkMalformedError(`${what}: the network's answer is not as promised: ${why}`, {
    cause,
    advice: 'Check that the URL leads to the network and not to a proxy or a sign-in page.',
  });

const problemOf = (answer: ExchangeAnswer): Problem | undefined => {
  try {
    return readJson(answer, problem, '');
  } catch {
    return undefined; // a proxy's page, or an older network: the status has to do
  }
};

/** RFC 9110 section 10.2.3: seconds, or a date. */
const retryAfterMs = (answer: ExchangeAnswer): number | undefined => {
  const value = answer.header('retry-after');
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : undefined;
};
