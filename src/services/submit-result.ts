// Hands a recorded result to the outbound lane. The signature is made here, from the recorded body: nonces are
// deterministic, so sending again sends the same bytes.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { ExecutionRecord } from '../adapters/journal/job-journal.js';
import type { Attempt } from '../machines/job/job-events.js';
import type { Result } from '../protocol/messages/jobs.js';
import type { Executions } from './executions.js';
import type { Membership } from './membership.js';
import type { OutboundLane } from './outbound-lane.js';
import { LinkDownError } from './service-errors.js';

/** @throws LinkDownError: the result stays in the outbox */
export const submitResult = (parts: {
  readonly membership: Membership;
  readonly executions: Executions;
  readonly lane: OutboundLane;
  readonly logger: Logger;
}) =>
  fromPromise<void, Attempt>(async ({ input }) => {
    const { membership, executions, lane, logger } = parts;
    const { journal, id: network } = membership.network.get();
    if (lane.session === undefined) throw new LinkDownError('there is no session with the network');
    const record = journal.find(input);
    if (record?.receipt == null || record.execution === null)
      throw new Error('a result without a recorded receipt');
    const { receipt } = record;
    const output = journal.output(input);
    const delivered = executions.find(input)?.deliveredIn === lane.session;
    const result: Result = {
      receipt,
      receipt_sig: membership.identity.get().signer.signReceipt(network, receipt),
      ...(typeof output?.body === 'string' ? { output: output.body } : {}),
      ...(output?.chunks != null && output.chunks.length > 0 && !delivered
        ? { chunks: [...output.chunks] }
        : {}),
      ...refusalOf(record.execution),
    };
    lane.send('result', result);
    logger.debug({ event: 'result.sent', ...input, outcome: receipt.outcome }, 'result sent');
  });

/** The network's words for what engines call differently. */
const REFUSAL_CODE: Readonly<Record<string, string>> = { context_too_long: 'context_length_exceeded' };

const refusalOf = ({ outcome, reason, param }: ExecutionRecord): Pick<Result, 'refusal'> => {
  if (outcome !== 'runtime_rejected') return {};
  const code = REFUSAL_CODE[reason ?? ''] ?? reason ?? 'runtime_rejected';
  return { refusal: { code, ...(param === null ? {} : { param }) } };
};
