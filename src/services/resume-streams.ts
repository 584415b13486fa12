// Streams go on where the last session broke off: the network says how many chunks it holds and their chain's head, the
// node sends what follows. What cannot be resumed in small pieces comes whole, with the result.
import type { Logger } from 'pino';
import type { AttemptRef, StreamMark } from '../protocol/messages/session.js';
import type { Executions } from './executions.js';
import { fitsInDelta, type OutboundLane } from './outbound-lane.js';

/** More would hold up the event loop and the other streams, and the client has waited for it anyway. */
const MAX_RESUMED_BYTES = 1024 * 1024;

/**
 * @param marks what the network holds of streams that still run
 * @returns attempts of which it holds something else: another stream than this node's
 */
export const resumeStreams = (
  parts: { readonly executions: Executions; readonly lane: OutboundLane; readonly logger: Logger },
  marks: readonly StreamMark[],
): readonly AttemptRef[] => {
  const { executions, lane, logger } = parts;
  const forked: AttemptRef[] = [];
  for (const { job, attempt, i, head } of marks) {
    const execution = executions.find({ job, attempt });
    const missing = execution?.chunksAfter(i, head);
    if (execution === undefined || missing === undefined) continue;
    if (missing === 'forked') {
      logger.warn(
        { event: 'stream.forked', job, attempt, i },
        'the network holds another stream than this one',
      );
      forked.push({ job, attempt });
      continue;
    }
    const bytes = missing.reduce((sum, chunk) => sum + Buffer.byteLength(chunk), 0);
    if (bytes > MAX_RESUMED_BYTES || !missing.every(fitsInDelta)) continue;
    for (const [at, chunk] of missing.entries()) void lane.delta(job, attempt, i + at, chunk);
    execution.deliveredIn = lane.session;
    logger.debug({ event: 'stream.resumed', job, attempt, i, chunks: missing.length }, 'stream resumed');
  }
  return forked;
};
