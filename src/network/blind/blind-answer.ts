// What of an answer two honest nodes have in common: its words, not its ids, times or counts. Pure.
import { z } from 'zod';
import { digestOf } from '../../protocol/digest.js';
import type { Digest } from '../../protocol/primitives.js';

const answer = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        text: z.string().nullish(),
        message: z.looseObject({ content: z.string().nullish() }).optional(),
        delta: z.looseObject({ content: z.string().nullish() }).optional(),
      }),
    )
    .optional(),
  data: z.array(z.looseObject({ embedding: z.array(z.number()) })).optional(),
});

/** Engines and GPUs differ in the last digits of an embedding. */
const EMBEDDING_DIGITS = 2;

/**
 * @param parts the body of a plain answer, or the chunks of a stream in order
 * @returns digest of the words, undefined where there are none to compare
 */
export const answerDigest = (parts: readonly string[]): Digest | undefined => {
  let text = '';
  for (const part of parts) {
    const parsed = answer.safeParse(parseJson(part));
    if (!parsed.success) return undefined;
    for (const { text: whole, message, delta } of parsed.data.choices ?? []) {
      text += whole ?? message?.content ?? delta?.content ?? '';
    }
    for (const { embedding } of parsed.data.data ?? []) {
      text += `${embedding.map((one) => one.toFixed(EMBEDDING_DIGITS)).join(' ')}\n`;
    }
  }
  return text === '' ? undefined : digestOf(text);
};

/** The result passed verification, so its size is bounded; that it is JSON is not certain for every chunk. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
