// The network's HTTP endpoints below `/v1`, one method each.
import type { z } from 'zod';
import { decodeFrame } from '../../protocol/frame.js';
import {
  bindOffer,
  challenge,
  FRAME_CONTENT_TYPE,
  networkInfo,
  nodeStanding,
  reportProgress,
} from '../../protocol/http.js';
import { LIMITS } from '../../protocol/limits.js';
import { address, ulid } from '../../protocol/primitives.js';
import { createExchange, type ExchangeAnswer, type ExchangeTimes } from './http-exchange.js';
import type { NetworkHttp } from './network-http.js';
import { attempt, malformed, readFrame, readJson, requireSuccess } from './read-answer.js';

export interface NetworkHttpOptions extends ExchangeTimes {
  readonly agentVersion: string;
}

const CONTROL_BYTES = LIMITS.headerBytes + 1 + LIMITS.controlBytes;
const CONFIG_BYTES = LIMITS.headerBytes + 1 + LIMITS.configBytes;

/** @throws TypeError `baseUrl` is not http(s), or holds credentials */
export const createNetworkHttp = (baseUrl: string, options: NetworkHttpOptions): NetworkHttp => {
  const exchange = createExchange(baseUrl, options.agentVersion, options);

  const sendSigned = async <T>(
    method: 'POST' | 'PUT',
    path: string,
    frame: Uint8Array,
    shape: z.ZodType<T>,
    what: string,
    signal: AbortSignal,
  ): Promise<T> => {
    const headers = { 'content-type': FRAME_CONTENT_TYPE, accept: 'application/json' };
    const answer = await exchange({ method, path, headers, body: frame, maxBytes: CONTROL_BYTES, signal });
    return readJson(requireSuccess(answer, what), shape, what);
  };

  return {
    async info(signal) {
      const what = 'asking what network this is';
      const headers = { accept: 'application/json' };
      const answer = await exchange({
        method: 'GET',
        path: '/v1/network',
        headers,
        maxBytes: CONTROL_BYTES,
        signal,
      });
      return readJson(requireSuccess(answer, what), networkInfo, what);
    },

    async root(signal) {
      const answer = await exchange({
        method: 'GET',
        path: '/v1/root/1',
        maxBytes: LIMITS.rootBytes,
        signal,
      });
      return requireSuccess(answer, 'fetching the trust root').body;
    },

    async challenge(signal) {
      const what = 'asking for a challenge';
      const headers = { accept: 'application/json' };
      const path = '/v1/nodes/challenge';
      const answer = await exchange({ method: 'POST', path, headers, maxBytes: CONTROL_BYTES, signal });
      return readJson(requireSuccess(answer, what), challenge, what);
    },

    register: async (node, frame, signal) =>
      sendSigned('PUT', nodePath(node), frame, standingOf(node), 'registering', signal),

    standing: async (node, frame, signal) =>
      sendSigned(
        'POST',
        `${nodePath(node)}/standing`,
        frame,
        standingOf(node),
        'asking for the standing',
        signal,
      ),

    startBinding: async (node, frame, signal) =>
      sendSigned('POST', `${nodePath(node)}/binding`, frame, bindOffer, 'starting to bind', signal),

    finishBinding: async (node, frame, signal) =>
      sendSigned('POST', `${nodePath(node)}/binding`, frame, standingOf(node), 'finishing to bind', signal),

    async config(held, signal) {
      const what = 'fetching the configuration';
      const headers = {
        accept: FRAME_CONTENT_TYPE,
        ...(held === null ? {} : { 'if-none-match': `"${held}"` }),
      };
      const answer = await exchange({
        method: 'GET',
        path: '/v1/config',
        headers,
        maxBytes: CONFIG_BYTES,
        signal,
      });
      if (answer.status === 304 && held !== null) return 'unchanged';
      const document = readFrame(requireSuccess(answer, what), what);
      const { header } = attempt(what, () => decodeFrame(document, LIMITS.configBytes));
      if (answer.header('etag') !== `"${header.bd}"`)
        throw malformed(what, 'its ETag is not the digest of its body');
      return document;
    },

    openReport: (frame, signal) =>
      sendSigned('POST', '/v1/reports', frame, reportProgress, 'announcing a report', signal),

    async sendReport(report, offset, piece, signal) {
      const what = 'sending a piece of a report';
      const headers = {
        'content-type': 'application/octet-stream',
        'upload-offset': String(offset),
        accept: `application/json, ${FRAME_CONTENT_TYPE}`,
      };
      const path = `/v1/reports/${ulid.parse(report)}`;
      const answer = await exchange({
        method: 'PATCH',
        path,
        headers,
        body: piece,
        maxBytes: CONTROL_BYTES,
        signal,
      });
      // 409 tells the offset the network holds instead: the sender goes on from there.
      const progress = answer.status === 409 ? heldOffset(answer) : undefined;
      if (progress?.report === report) return progress;
      requireSuccess(answer, what);
      if (answer.contentType === FRAME_CONTENT_TYPE) return answer.body;
      const told = readJson(answer, reportProgress, what);
      if (told.report !== report) throw malformed(what, 'it is about another report');
      return told;
    },
  };
};

const nodePath = (node: string): string => `/v1/nodes/${address.parse(node)}`;

const standingOf = (node: string) =>
  nodeStanding.refine((told) => told.node.toLowerCase() === node.toLowerCase(), 'is about another node');

const heldOffset = (answer: ExchangeAnswer) => {
  try {
    return readJson(answer, reportProgress, '');
  } catch {
    return undefined; // an ordinary problem body
  }
};
