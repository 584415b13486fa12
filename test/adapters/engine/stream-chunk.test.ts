import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { MAX_CHOICES, parseStreamChunk } from '../../../src/adapters/engine/stream-chunk.js';

// The schema that the hand-written check stands for.
const count = z.int().min(0);
const choice = z.looseObject({
  index: z
    .int()
    .min(0)
    .max(MAX_CHOICES - 1),
  finish_reason: z.string().min(1).max(64).nullish(),
});
const chunkSchema = z.looseObject({
  error: z.null().optional(),
  object: z
    .unknown()
    .refine((value) => value !== 'error')
    .optional(),
  choices: z
    .array(
      z.union([
        choice.extend({
          delta: z.looseObject({ content: z.string().nullish() }),
          text: z.string().optional(),
        }),
        choice.extend({ delta: z.undefined().optional(), text: z.string() }),
      ]),
    )
    .max(MAX_CHOICES),
  usage: z.looseObject({ prompt_tokens: count, completion_tokens: count.optional() }).nullish(),
});

const odd = fc.constantFrom<unknown>(null, 0, -1, 1.5, 1e300, '', 'x', 'error', [], {}, true, 127, 128);
const member = <T>(proper: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: proper as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd });
const anyChunk = member(
  fc.record(
    {
      object: member(fc.constant('chat.completion.chunk')),
      error: fc.constant(null),
      choices: member(
        fc.array(
          member(
            fc.record(
              {
                index: member(fc.nat({ max: 3 })),
                delta: member(fc.record({ content: member(fc.string()) }, { requiredKeys: [] })),
                text: member(fc.string()),
                finish_reason: member(fc.constantFrom('stop', 'length', null, 'x'.repeat(65))),
              },
              { requiredKeys: ['index'] },
            ),
          ),
          { maxLength: 3 },
        ),
      ),
      usage: member(
        fc.record(
          { prompt_tokens: member(fc.nat()), completion_tokens: member(fc.nat()) },
          { requiredKeys: [] },
        ),
      ),
    },
    { requiredKeys: [] },
  ),
);

const accepted = (data: string): boolean => {
  try {
    parseStreamChunk(data);
    return true;
  } catch {
    return false;
  }
};

test('accepts exactly what the schema accepts', () => {
  let good = 0;
  fc.assert(
    fc.property(anyChunk, (value) => {
      const data = JSON.stringify(value);
      const expected = chunkSchema.safeParse(JSON.parse(data)).success;
      if (expected) good += 1;
      expect(accepted(data)).toBe(expected);
    }),
    { numRuns: 2000, seed: 7 },
  );
  expect(good).toBeGreaterThan(200);
});

test('a long chunk is measured before it is parsed', () => {
  const deep = `{"choices":[],"x":${'['.repeat(60)}${']'.repeat(60)},"pad":"${'p'.repeat(5000)}"}`;
  expect(accepted(deep)).toBe(true);
  expect(accepted(deep.replace('['.repeat(60), '['.repeat(70)).replace(']'.repeat(60), ']'.repeat(70)))).toBe(
    false,
  );
});
