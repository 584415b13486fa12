// Embeddings as numbers or as base64 of little-endian float32: OpenAI's SDKs ask for the latter by default, engines
// may answer with either.
import { z } from 'zod';
import { upstreamFailed } from './cloud-error.js';

export type Encoding = 'float' | 'base64';

/** The numbers themselves are not looked at one by one here: a batch has a million of them. */
export const embeddingValue = z.union([z.string(), z.custom<unknown[]>(Array.isArray)]);

const FLOAT_BYTES = 4;

/** @throws CloudError `upstream_failed` when the engine's value is no vector */
export const encodeEmbedding = (
  value: string | readonly unknown[],
  encoding: Encoding,
): string | readonly number[] => {
  if (typeof value === 'string') return encoding === 'base64' ? value : decode(value);
  const bytes = Buffer.alloc(value.length * FLOAT_BYTES);
  for (const [at, number] of value.entries()) {
    if (typeof number !== 'number') throw upstreamFailed();
    if (encoding === 'base64') bytes.writeFloatLE(number, at * FLOAT_BYTES);
  }
  return encoding === 'base64' ? bytes.toString('base64') : (value as readonly number[]);
};

const decode = (base64: string): number[] => {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.length % FLOAT_BYTES !== 0) throw upstreamFailed();
  return Array.from({ length: bytes.length / FLOAT_BYTES }, (_, at) => bytes.readFloatLE(at * FLOAT_BYTES));
};
