// A blind job's order in the manner of the paid ones: mode, priority, life and sampling are those of a recent client.
// Pure, given its randomness.
import type { ModelEntry } from '../../protocol/config-snapshot.js';
import { parseJobRequest } from '../../protocol/openai/request.js';
import type { JobOrder } from '../desk/job-desk.js';
import { BLIND_PROMPTS } from './blind-corpus.js';

export type BlindOrder = Pick<JobOrder, 'request' | 'mode' | 'priority' | 'ttlMs'>;

/** What a paid order looked like, without what it said. */
export interface Manner {
  readonly mode: JobOrder['mode'];
  readonly priority: number;
  readonly ttlMs: number;
  readonly maxTokens: number | undefined;
}

/** Before any client was seen. Priority and life are the Cloud API's defaults. */
const FIRST_MANNER: Manner = { mode: 'sync', priority: 5, ttlMs: 120_000, maxTokens: 64 };
/** Long enough to compare, short enough to be cheap. */
const MAX_TOKENS = 128;

const pick = <T>(list: readonly T[], rng: () => number): T | undefined =>
  list[Math.floor(rng() * list.length)];

/** @returns undefined for a model whose answers are not text */
export const blindOrder = (
  model: ModelEntry,
  manners: readonly Manner[],
  rng: () => number,
): BlindOrder | undefined => {
  const prompt = pick(BLIND_PROMPTS, rng) ?? '';
  const { mode, priority, ttlMs, maxTokens } = pick(manners, rng) ?? FIRST_MANNER;
  const max_tokens = Math.min(maxTokens ?? MAX_TOKENS, MAX_TOKENS, model.context_tokens);
  const body = {
    model: model.id,
    temperature: 0,
    seed: Math.floor(rng() * 2 ** 31), // at temperature 0 it changes nothing but the request's looks
    max_tokens,
    ...(mode === 'stream' ? { stream: true } : {}),
  };
  const endpoint = model.tasks.includes('chat') ? 'chat.completions' : 'completions';
  if (endpoint === 'completions' && !model.tasks.includes('completion')) return undefined;
  const asked = endpoint === 'completions' ? { prompt } : { messages: [{ role: 'user', content: prompt }] };
  const parsed = parseJobRequest(endpoint, { ...body, ...asked });
  return parsed.ok ? { request: parsed.request, mode, priority, ttlMs } : undefined;
};
