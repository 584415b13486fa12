// How the network learns what the right answer to a blind job is: nobody is trusted, agreement is. Pure.
import { z } from 'zod';
import { address, digest } from '../../protocol/primitives.js';

export const blindReference = z.object({
  /** The agreed answer, null while there is none. */
  agreed: digest.nullable(),
  /** Answers seen before there was agreement, the newest last. */
  seen: z.array(z.object({ node: address, answer: digest })).max(16),
});
export type BlindReference = z.infer<typeof blindReference>;

export const EMPTY_REFERENCE: BlindReference = { agreed: null, seen: [] };

export interface Comparison {
  readonly reference: BlindReference;
  /** Nodes now known to have answered otherwise. */
  readonly mismatched: readonly string[];
}

/** The first answer given twice, by two nodes or by one, becomes the reference. */
export const compareAnswer = (reference: BlindReference, node: string, answer: string): Comparison => {
  if (reference.agreed !== null) {
    return { reference, mismatched: reference.agreed === answer ? [] : [node] };
  }
  if (!reference.seen.some((one) => one.answer === answer)) {
    return {
      reference: { agreed: null, seen: [...reference.seen, { node, answer }].slice(-16) },
      mismatched: [],
    };
  }
  const others = reference.seen.filter((one) => one.answer !== answer).map((one) => one.node);
  return { reference: { agreed: answer, seen: [] }, mismatched: [...new Set(others)] };
};
