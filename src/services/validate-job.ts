// Whether this node takes an offer: reasons, not booleans. Everything is checked against the configuration in force and
// the node's own state; the network is not trusted to have checked anything.
import { fromPromise } from 'xstate';
import type { Attempt, Validation } from '../machines/job/job-events.js';
import type { DeclineCode, ModelState } from '../protocol/codes.js';
import type { ConfigSnapshot } from '../protocol/config-snapshot.js';
import { ENDPOINT_TASK } from '../protocol/openai/endpoint.js';
import { parseJobRequest, requestedTokens } from '../protocol/openai/request.js';
import { type ConfigInForce, isExpired } from './config-in-force.js';
import type { JobIntake, TakenOffer } from './job-intake.js';
import type { NetworkTime } from './network-time.js';

/** What the node says of itself at the moment of the offer. */
export interface Admission {
  readonly isAdmitting: boolean;
  readonly isPaused: boolean;
  /** Whether the network kept to the announced credits. */
  readonly isWithinCredit: boolean;
  readonly modelState: (digest: string) => ModelState | undefined;
}

const refuse = (code: DeclineCode, param: string | null = null): Validation => ({ code, param });

/** Pure: the first reason to decline, or null. */
export const judgeOffer = (
  { offer, bytes }: TakenOffer,
  config: ConfigSnapshot | undefined,
  admission: Admission,
  nowMs: number,
): Validation => {
  if (admission.isPaused) return refuse('paused');
  if (!admission.isAdmitting) return refuse('draining');
  if (!admission.isWithinCredit) return refuse('over_credit');
  if (config === undefined || isExpired(config, nowMs)) return refuse('config_mismatch');
  const model = config.models.find((one) => one.id === offer.model.id);
  if (model === undefined || model.digest !== offer.model.digest) return refuse('config_mismatch', 'model');
  if (admission.modelState(model.digest) !== 'active') return refuse('model_not_active', 'model');
  if (!model.tasks.includes(ENDPOINT_TASK[offer.endpoint])) return refuse('unsupported_mode', 'model');
  if (offer.mode === 'stream' && offer.endpoint === 'embeddings') return refuse('unsupported_mode', 'stream');
  if (offer.ttl_left_ms === 0 || offer.exec_timeout_ms === 0) return refuse('ttl_expired');
  if (bytes > config.jobs.max_input_bytes) return refuse('input_too_large');
  if (offer.max_output_tokens > config.jobs.max_output_tokens)
    return refuse('unsupported_parameter', 'max_tokens');
  const parsed = parseJobRequest(offer.endpoint, offer.request);
  if (!parsed.ok) return refuse('unsupported_parameter', parsed.refusal.param);
  if (parsed.request.body.model !== model.id) return refuse('malformed', 'model');
  if ((requestedTokens(parsed.request) ?? 0) > offer.max_output_tokens)
    return refuse('malformed', 'max_tokens');
  return null;
};

export const validateJob = (parts: {
  readonly intake: JobIntake;
  readonly config: ConfigInForce;
  readonly admission: () => Admission;
  readonly time: NetworkTime;
}) =>
  fromPromise<Validation, Attempt>(async ({ input }) => {
    const taken = parts.intake.find(input);
    if (taken === undefined) return refuse('malformed');
    return judgeOffer(taken, parts.config.current()?.snapshot, parts.admission(), parts.time.nowMs());
  });
