// Waits with the client until its job is over: in one piece, or chunk by chunk.
import type { FastifyReply } from 'fastify';
import type { JobRequest } from '../../protocol/openai/request.js';
import type { JobEnd, JobHandle } from '../desk/job-desk.js';
import { answerBody } from './answer-body.js';
import { ChunkRewriter } from './chunk-rewriter.js';
import { CloudError, internal, keyReused, upstreamFailed } from './cloud-error.js';
import { refusalError } from './desk-refusals.js';
import type { Encoding } from './embedding-encoding.js';
import type { EventStream } from './event-stream.js';
import { answerIdentity } from './identity.js';
import { asksForUsage } from './job-order.js';

/** Names the receipt that commits to the answer; it tells nothing of the node. */
export const RECEIPT_HEADER = 'x-resultity-receipt';

/**
 * @returns the body of the answer
 * @throws CloudError why there is none
 */
export const plainAnswer = async (
  request: JobRequest,
  handle: JobHandle,
  reply: FastifyReply,
): Promise<Record<string, unknown>> => {
  for await (const event of handle.events) {
    if (event.type === 'completed') {
      reply.header(RECEIPT_HEADER, event.receiptDigest);
      return completedBody(handle.job, request, event);
    }
    if (event.type === 'failed') throw refusalError(event.refusal);
  }
  throw internal(new Error('the job ended without a terminal event'));
};

/** @throws CloudError `upstream_failed` when what was accepted is not an answer */
const completedBody = (
  job: string,
  request: JobRequest,
  end: Extract<JobEnd, { type: 'completed' }>,
): Record<string, unknown> => {
  if (end.output === null) throw upstreamFailed();
  return answerBody(
    end.output,
    answerIdentity(job, request.endpoint, request.body.model),
    end.usage,
    encodingOf(request),
  );
};

const encodingOf = ({ endpoint, body }: JobRequest): Encoding | undefined =>
  endpoint === 'embeddings' ? (body.encoding_format ?? 'float') : undefined;

/**
 * Resolves when the stream has ended, well or not, or the client is gone.
 * @param isRepeat the order may be one that was streamed before, whose end alone is left
 * @throws CloudError why there is no stream, as long as nothing was sent
 */
export const streamAnswer = async (
  request: JobRequest,
  handle: JobHandle,
  stream: EventStream,
  gone: AbortSignal,
  isRepeat: boolean,
): Promise<void> => {
  const identity = answerIdentity(handle.job, request.endpoint, request.body.model);
  const chunks = new ChunkRewriter(identity, asksForUsage(request));
  let isOver = false;
  try {
    for await (const event of handle.events) {
      if (gone.aborted) return;
      if (event.type === 'chunk') {
        const chunk = chunks.rewrite(event.data);
        if (chunk !== undefined) await stream.send(chunk);
        continue;
      }
      isOver = event.type !== 'started';
      if (event.type === 'completed') {
        if (!chunks.hasSpoken && isRepeat) {
          throw keyReused('the stream of this Idempotency-Key was given before; its chunks are not kept');
        }
        const last = chunks.conclude(event.usage);
        if (last !== undefined) await stream.send(last);
        return stream.end('[DONE]');
      }
      if (event.type === 'failed') throw refusalError(event.refusal);
    }
    throw internal(new Error('the job ended without a terminal event'));
  } catch (caught) {
    const error = caught instanceof CloudError ? caught : internal(caught);
    // Broken chunks: whatever else the job may bring is of no use to this client.
    if (!isOver) handle.cancel('client_cancelled');
    if (!stream.isOpen) throw error;
    stream.end(JSON.stringify(error.body()));
  } finally {
    stream.release();
  }
};
