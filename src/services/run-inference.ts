// One accepted attempt on the local Runtime. Tokens go from the engine to the outbound lane, counted and hashed as they
// pass; the machine hears only how it ended. Whether anyone tries again is the network's decision.
import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { EngineClient } from '../adapters/engine/engine-client.js';
import { NodeError } from '../errors.js';
import type { Attempt, InferenceEnd } from '../machines/job/job-events.js';
import type { OutcomeCode } from '../protocol/codes.js';
import type { JobOffer } from '../protocol/messages/jobs.js';
import { parseJobRequest } from '../protocol/openai/request.js';
import { buildEngineRequest } from './engine-request.js';
import type { Execution, Executions } from './executions.js';
import type { Membership } from './membership.js';
import { fitsInDelta, type OutboundLane } from './outbound-lane.js';
import type { ServingFigures } from './serving-figures.js';

export interface RunInferenceParts {
  readonly membership: Membership;
  readonly executions: Executions;
  readonly lane: OutboundLane;
  /** The engine for attempts on this model; undefined while none is up that they may go to. */
  readonly engine: (modelDigest: string) => EngineClient | undefined;
  /** Digest of the image it runs in; undefined where no container runs. */
  readonly imageDigest: () => string | undefined;
  readonly figures: ServingFigures;
  readonly logger: Logger;
}

/** Largest output that still fits a result frame once it is quoted as a JSON string. */
export const MAX_OUTPUT_BYTES = 6 * 1024 * 1024;

const OUTCOME_BY_CODE: Readonly<Record<string, OutcomeCode>> = {
  RUNTIME_UNREACHABLE: 'runtime_unreachable',
  RUNTIME_REJECTED: 'runtime_rejected',
  RUNTIME_CRASHED: 'runtime_crashed',
  RUNTIME_OOM: 'runtime_oom',
  RUNTIME_STALLED: 'runtime_stalled',
  OUTPUT_MALFORMED: 'output_malformed',
};

class OutputTooLargeError extends NodeError {
  readonly code = 'OUTPUT_MALFORMED';
  readonly retryable = false;
}

export const runInference = ({
  membership,
  executions,
  lane,
  engine,
  imageDigest,
  figures,
  logger,
}: RunInferenceParts) =>
  fromPromise<InferenceEnd, Attempt>(async ({ input, signal }) => {
    const record = membership.network.get().journal.find(input);
    const execution = executions.find(input);
    if (record === undefined || execution === undefined)
      return { outcome: 'internal', reason: 'record_missing' };
    const client = engine(record.offer.model.digest);
    if (client === undefined) return { outcome: 'runtime_unreachable', reason: 'no_runtime' };
    execution.noteStart(imageDigest());
    try {
      await execute(record.offer, client, execution, { lane, figures }, signal);
      return { outcome: 'completed', reason: null };
    } catch (error) {
      if (signal.aborted) return { outcome: 'cancelled', reason: 'aborted' };
      return endOf(error, input, execution, logger);
    }
  });

const execute = async (
  offer: JobOffer,
  client: EngineClient,
  execution: Execution,
  { lane, figures }: Pick<RunInferenceParts, 'lane' | 'figures'>,
  signal: AbortSignal,
): Promise<void> => {
  const parsed = parseJobRequest(offer.endpoint, offer.request);
  if (!parsed.ok) throw new Error('a validated request no longer passes the allowlist');
  const { endpoint } = offer;
  const maxTokens = offer.max_output_tokens;
  if (offer.mode !== 'stream' || endpoint === 'embeddings') {
    const request = buildEngineRequest(parsed.request, { streamed: false, maxTokens });
    const answer = await client.complete(endpoint, request, signal);
    refuseIfTooLarge(Buffer.byteLength(answer.body));
    execution.takeBody(answer.body);
    execution.noteUsage(answer.usage);
    execution.noteFinish(answer.finishReason ?? '');
    return;
  }
  execution.deliveredIn = lane.session;
  const end = await client.stream(
    endpoint,
    buildEngineRequest(parsed.request, { streamed: true, maxTokens }),
    (chunk) => {
      const index = execution.takeChunk(chunk);
      figures.noteChunk();
      if (index === 0) figures.noteFirstToken(execution.firstTokenMs);
      refuseIfTooLarge(execution.outputBytes);
      if (lane.session === undefined || lane.session !== execution.deliveredIn || !fitsInDelta(chunk)) {
        execution.deliveredIn = undefined;
        return;
      }
      return lane.delta(offer.job, offer.attempt, index, chunk);
    },
    signal,
  );
  execution.noteUsage(end.usage);
  execution.noteFinish(end.finishReason);
};

const refuseIfTooLarge = (bytes: number): void => {
  if (bytes > MAX_OUTPUT_BYTES)
    throw new OutputTooLargeError(`an output of more than ${MAX_OUTPUT_BYTES} bytes`);
};

const shortCode = (value: unknown): string | null =>
  typeof value === 'string' && value !== ''
    ? value
        .toLowerCase()
        .replace(/[^a-z0-9_]/g, '_')
        .slice(0, 64)
    : null;

const endOf = (error: unknown, attempt: Attempt, execution: Execution, logger: Logger): InferenceEnd => {
  const code = error instanceof NodeError ? error.code : 'INTERNAL';
  const details = error instanceof NodeError ? error.details : {};
  const outcome = OUTCOME_BY_CODE[code] ?? 'internal';
  const reason = shortCode(details.reason) ?? shortCode(details.engineCode) ?? shortCode(code);
  if (typeof details.param === 'string') execution.noteRefusal(details.param.slice(0, 64));
  logger.warn(
    { event: 'job.failed', ...attempt, outcome, reason, err: error },
    'the Runtime did not finish the job',
  );
  return { outcome, reason };
};
