// Makes an engine's whole answer the network's own: id, model and created are the job's, an embedding has the encoding
// that was asked for, and everything else passes as the engine said it.
import { z } from 'zod';
import { parseBoundedJson } from '../../protocol/bounded-json.js';
import { LIMITS } from '../../protocol/limits.js';
import type { Endpoint } from '../../protocol/openai/endpoint.js';
import type { JobUsage } from '../desk/job-desk.js';
import { upstreamFailed } from './cloud-error.js';
import { type Encoding, embeddingValue, encodeEmbedding } from './embedding-encoding.js';
import { type AnswerIdentity, usageBody } from './identity.js';

/** Log probabilities bring some twenty keys for each token. */
const BOUNDS = { maxBytes: LIMITS.resultBytes, maxDepth: 64, maxKeys: 1_000_000 };

const answer = z.looseObject({ error: z.null().optional(), usage: z.looseObject({}).nullish() });
const choice = z.looseObject({ index: z.int().min(0), finish_reason: z.string() });
const datum = z.looseObject({ index: z.int().min(0), embedding: embeddingValue });

const ANSWERS = {
  'chat.completions': answer.extend({
    choices: z.array(choice.extend({ message: z.looseObject({}) })).min(1),
  }),
  completions: answer.extend({ choices: z.array(choice.extend({ text: z.string() })).min(1) }),
  embeddings: answer.extend({ data: z.array(datum).min(1) }),
} satisfies Record<Endpoint, z.ZodType>;

/**
 * @param output the engine's response body, as the node's receipt commits to it
 * @param encoding of embeddings; undefined leaves them as they came
 * @throws CloudError `upstream_failed` for anything that is not an answer of this endpoint
 */
export const answerBody = (
  output: string,
  identity: AnswerIdentity,
  usage: JobUsage,
  encoding?: Encoding,
): Record<string, unknown> => {
  const body = parse(output, identity.endpoint);
  if ('data' in body && Array.isArray(body.data)) {
    body.data = order(body.data as z.output<typeof datum>[]).map((one) =>
      encoding === undefined ? one : { ...one, embedding: encodeEmbedding(one.embedding, encoding) },
    );
  }
  const isEmbedding = identity.endpoint === 'embeddings';
  // OpenAI's embeddings have neither id nor time; what an engine adds must not tell which engine it was.
  if (!isEmbedding || 'id' in body) body.id = identity.id;
  if (!isEmbedding || 'created' in body) body.created = identity.createdSeconds;
  body.model = identity.model;
  if (body.usage === undefined || body.usage === null) {
    const { completion_tokens, ...rest } = usageBody(usage);
    body.usage = isEmbedding ? rest : { ...rest, completion_tokens };
  }
  return body;
};

const parse = (output: string, endpoint: Endpoint): Record<string, unknown> => {
  try {
    const value = parseBoundedJson(Buffer.from(output), BOUNDS);
    ANSWERS[endpoint].parse(value);
    return value as Record<string, unknown>;
  } catch (cause) {
    throw upstreamFailed(cause);
  }
};

/** In the order of the input, each once. */
const order = (data: z.output<typeof datum>[]): z.output<typeof datum>[] => {
  const sorted = data.toSorted((a, b) => a.index - b.index);
  if (sorted.some(({ index }, at) => index !== at)) throw upstreamFailed();
  return sorted;
};
