// The network's HTTP side over undici. Every answer is bounded in size and time and checked by its schema; redirects are
// not followed.
import { Agent, request } from 'undici';
import type { z } from 'zod';
import { NodeError } from '../../errors.js';
import { parseBoundedJson } from '../../protocol/bounded-json.js';
import {
  bindOffer,
  challenge,
  FRAME_CONTENT_TYPE,
  networkInfo,
  nodeStanding,
  problem,
  reportProgress,
} from '../../protocol/http.js';
import { LIMITS } from '../../protocol/limits.js';
import type { NetworkHttp } from './network-http.js';
import {
  NetworkMalformedError,
  NetworkRefusedError,
  NetworkUnreachableError,
} from './network-http-errors.js';

const CONNECT_MS = 5_000;
const HEADERS_MS = 15_000;
const BODY_MS = 30_000;
const MAX_DOCUMENT_BYTES = LIMITS.headerBytes + 1 + LIMITS.configBytes;

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly maxBytes?: number;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly etag: string | undefined;
  readonly bytes: Buffer;
}

export interface NetworkHttpOptions {
  readonly agentVersion: string;
  /** Milliseconds; for tests. */
  readonly headersMs?: number;
}

/** @param base origin of the network, `http(s)://host[:port]` */
export const createNetworkHttp = (base: string, options: NetworkHttpOptions): NetworkHttp => {
  const agent = new Agent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: options.headersMs ?? HEADERS_MS,
    bodyTimeout: BODY_MS,
    keepAliveTimeout: 4_000,
  });
  const userAgent = `resultity-node/${options.agentVersion}`;

  const call = async (what: Call, signal: AbortSignal): Promise<Answer> => {
    const { method, path, body, maxBytes = LIMITS.controlBytes } = what;
    try {
      const response = await request(`${base}${path}`, {
        method,
        dispatcher: agent,
        signal,
        headers: { 'user-agent': userAgent, ...what.headers },
        ...(body === undefined ? {} : { body }),
      });
      const bytes = await collect(response.body, maxBytes);
      const answer: Answer = {
        status: response.statusCode,
        contentType: String(response.headers['content-type'] ?? ''),
        etag: response.headers.etag === undefined ? undefined : String(response.headers.etag),
        bytes,
      };
      if (answer.status >= 400) throw refusalOf(answer);
      if (answer.status >= 300 && answer.status !== 304) {
        throw new NetworkMalformedError(`the network answered ${path} with a redirect (${answer.status})`, {
          advice: 'Check the network URL: redirects are not followed.',
        });
      }
      return answer;
    } catch (cause) {
      if (cause instanceof NodeError) throw cause;
      throw new NetworkUnreachableError(`cannot reach ${base}`, {
        cause,
        advice: 'Check the network URL and this machine’s connection.',
      });
    }
  };

  const ask = async <T>(what: Call, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> =>
    shape((await call(what, signal)).bytes, schema, what.path);

  const signed = (method: Call['method'], path: string, body: Uint8Array): Call => ({
    method,
    path,
    body,
    headers: { 'content-type': FRAME_CONTENT_TYPE },
  });

  return {
    info: (signal) => ask({ method: 'GET', path: '/v1/network' }, networkInfo, signal),
    root: async (signal) =>
      (await call({ method: 'GET', path: '/v1/root/1', maxBytes: LIMITS.rootBytes }, signal)).bytes,
    challenge: (signal) => ask({ method: 'POST', path: '/v1/nodes/challenge' }, challenge, signal),
    register: (node, frame, signal) => ask(signed('PUT', `/v1/nodes/${node}`, frame), nodeStanding, signal),
    standing: (node, frame, signal) =>
      ask(signed('POST', `/v1/nodes/${node}/standing`, frame), nodeStanding, signal),
    startBinding: (node, frame, signal) =>
      ask(signed('POST', `/v1/nodes/${node}/binding`, frame), bindOffer, signal),
    finishBinding: (node, frame, signal) =>
      ask(signed('POST', `/v1/nodes/${node}/binding`, frame), nodeStanding, signal),
    config: async (held, signal) => {
      const headers = held === null ? {} : { 'if-none-match': `"${held}"` };
      const answer = await call(
        { method: 'GET', path: '/v1/config', headers, maxBytes: MAX_DOCUMENT_BYTES },
        signal,
      );
      return answer.status === 304 ? 'unchanged' : answer.bytes;
    },
    openReport: (frame, signal) => ask(signed('POST', '/v1/reports', frame), reportProgress, signal),
    sendReport: async (report, offset, piece, signal) => {
      const headers = { 'content-type': 'application/octet-stream', 'upload-offset': String(offset) };
      const answer = await call(
        { method: 'PATCH', path: `/v1/reports/${report}`, headers, body: piece },
        signal,
      );
      return answer.contentType.startsWith(FRAME_CONTENT_TYPE)
        ? answer.bytes
        : shape(answer.bytes, reportProgress, '/v1/reports');
    },
  };
};

const collect = async (body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBytes) throw new NetworkMalformedError(`an answer of more than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};

const shape = <T>(bytes: Buffer, schema: z.ZodType<T>, path: string): T => {
  try {
    return schema.parse(parseBoundedJson(bytes, { maxBytes: LIMITS.controlBytes }));
  } catch (cause) {
    throw new NetworkMalformedError(`the network’s answer to ${path} is not what the protocol says`, {
      cause,
    });
  }
};

const refusalOf = ({ status, bytes }: Answer): NetworkRefusedError => {
  try {
    return new NetworkRefusedError(
      status,
      problem.parse(parseBoundedJson(bytes, { maxBytes: LIMITS.controlBytes })),
    );
  } catch {
    return new NetworkRefusedError(status, undefined);
  }
};
