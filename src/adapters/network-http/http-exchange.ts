// One request and its whole, bounded answer. The only file of this room that imports undici.
import { Agent, errors, request } from 'undici';
import { NetworkMalformedError, NetworkUnreachableError } from './network-http-errors.js';

export interface ExchangeTimes {
  /** Milliseconds to connect, TLS included. Default 5,000. */
  readonly connectMs?: number;
  /** Milliseconds until the answer's headers. Default 15,000. */
  readonly headersMs?: number;
  /** Milliseconds for the answer's whole body. Default 30,000. */
  readonly bodyMs?: number;
}

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Bytes; a longer answer is cut off unread. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface ExchangeAnswer {
  readonly status: number;
  /** Lower-case names; of a repeated header the first. */
  header(name: string): string | undefined;
  /** Media type without parameters, lower case; empty where none was named. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** @throws NetworkUnreachableError, NetworkMalformedError, the signal's reason */
export type Exchange = (request: ExchangeRequest) => Promise<ExchangeAnswer>;

type Answer = Awaited<ReturnType<typeof request>>;

/**
 * @param baseUrl http(s), without credentials, query or fragment; may have a path
 * @throws TypeError any other URL: the configuration gives good ones
 */
export const createExchange = (
  baseUrl: string,
  agentVersion: string,
  times: ExchangeTimes = {},
): Exchange => {
  const base = new URL(baseUrl);
  if (!/^https?:$/.test(base.protocol) || base.username !== '' || base.password !== '') {
    throw new TypeError('the base URL of a network must be http(s) and hold no credentials');
  }
  const root = `${base.origin}${base.pathname.replace(/\/+$/, '')}`;
  const bodyMs = times.bodyMs ?? 30_000;
  const dispatcher = new Agent({
    connect: { timeout: times.connectMs ?? 5_000 },
    headersTimeout: times.headersMs ?? 15_000,
    bodyTimeout: bodyMs,
    maxHeaderSize: 16 * 1024,
    connections: 4,
  });
  const common = { 'user-agent': `resultity-node/${agentVersion}`, 'accept-encoding': 'identity' };

  return async ({ method, path, headers = {}, body, maxBytes, signal }) => {
    signal.throwIfAborted();
    try {
      const answer = await request(`${root}${path}`, {
        method,
        headers: { ...common, ...headers },
        body: body ?? null,
        signal,
        dispatcher,
      });
      const bytes = await readBody(answer, maxBytes, bodyMs);
      return {
        status: answer.statusCode,
        header: (name) => first(answer.headers[name]),
        contentType:
          (first(answer.headers['content-type']) ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
        body: bytes,
      };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw translated(error, root);
    }
  };
};

const first = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** The time is for the whole body: undici's own would let a byte every half minute keep us for ever. */
const readBody = async ({ body, headers }: Answer, maxBytes: number, bodyMs: number): Promise<Uint8Array> => {
  const late = setTimeout(
    () => void body.destroy(new errors.BodyTimeoutError('the body took too long')),
    bodyMs,
  );
  try {
    if (first(headers['content-encoding']) !== undefined) {
      throw new NetworkMalformedError('the network sends an encoded answer nobody asked for');
    }
    if (Number(first(headers['content-length']) ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(late);
    body.on('error', () => {}).destroy();
  }
};

const tooLarge = (maxBytes: number): NetworkMalformedError =>
  new NetworkMalformedError(`the network's answer is longer than ${maxBytes} bytes`, {
    details: { maxBytes },
  });

const translated = (error: unknown, root: string): unknown => {
  if (error instanceof NetworkMalformedError) return error;
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const isParserError =
    error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError;
  if (isParserError) {
    return new NetworkMalformedError(`what answers at ${root} does not speak HTTP`, {
      cause: error,
      details: { reason },
      advice: 'Check the URL of the network.',
    });
  }
  return new NetworkUnreachableError(`the network at ${root} gave no whole answer (${reason})`, {
    cause: error,
    details: { reason },
    advice: 'Check the internet connection and the URL of the network; the node keeps trying.',
  });
};
