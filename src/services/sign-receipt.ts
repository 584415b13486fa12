// Seals an attempt: execution and output into the journal, then the receipt's body, once and for ever. Only what is
// recorded is ever signed.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { JobRecord } from '../adapters/journal/job-journal.js';
import { UnknownAttemptError } from '../adapters/journal/journal-errors.js';
import type { Attempt } from '../machines/job/job-events.js';
import type { OutcomeCode } from '../protocol/codes.js';
import { type Receipt, receiptHash } from '../protocol/receipt.js';
import { type Executions, lostExecution } from './executions.js';
import type { Membership } from './membership.js';
import type { ServingFigures } from './serving-figures.js';

export interface SignReceiptParts {
  readonly membership: Membership;
  readonly executions: Executions;
  readonly agentVersion: string;
  readonly figures: ServingFigures;
  readonly logger: Logger;
}

/** @throws JournalError, UnknownAttemptError; nothing is signed then */
export const signReceipt = (parts: SignReceiptParts) =>
  fromPromise<void, Attempt & { outcome: OutcomeCode; reason: string | null }>(async ({ input }) => {
    const { membership, executions, agentVersion, figures, logger } = parts;
    const { journal, id: network } = membership.network.get();
    const { nodeId } = membership.identity.get();
    const record = journal.find(input);
    if (record === undefined)
      throw new UnknownAttemptError('an attempt without a readable record cannot be signed');
    if (record.state === 'accepted') {
      const sealed = executions.find(input)?.seal(input.outcome, input.reason);
      const execution =
        sealed?.record ?? lostExecution(input, record.request_digest, input.outcome, input.reason);
      await journal.finish(input, execution, sealed?.output ?? { body: null, chunks: null });
      figures.noteEnded({ ...execution, isStream: record.offer.mode === 'stream' });
      executions.find(input)?.dropOutput();
    }
    const receipt = await journal.receipt(
      input,
      (seq, previous) =>
        buildReceipt(journal.find(input) ?? record, {
          node: nodeId,
          agent_version: agentVersion,
          seq,
          previous,
        }),
      (body) => `sha256:${receiptHash(network, body).slice(2)}`,
    );
    logger.info(
      {
        event: 'job.finished',
        job: receipt.job,
        attempt: receipt.attempt,
        outcome: receipt.outcome,
        promptTokens: receipt.prompt_tokens,
        completionTokens: receipt.completion_tokens,
        firstTokenMs: receipt.first_token_ms,
        totalMs: receipt.total_ms,
        receiptSeq: receipt.seq,
      },
      'job finished, receipt recorded',
    );
  });

type Signed = Pick<Receipt, 'node' | 'agent_version' | 'seq' | 'previous'>;

const buildReceipt = (record: JobRecord, signed: Signed): Receipt => {
  const { offer, execution, session, config } = record;
  if (execution === null) throw new Error('a receipt without a finished execution');
  const { reason, param, ...facts } = execution;
  return {
    ...facts,
    ...signed,
    job: offer.job,
    attempt: offer.attempt,
    session,
    config_version: config.version,
    config_digest: config.digest,
    model: offer.model.id,
    model_digest: offer.model.digest,
    request_digest: record.request_digest,
    accepted_ms: record.accepted_ms,
  };
};
