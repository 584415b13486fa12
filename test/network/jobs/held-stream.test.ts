// Chunks in any batching, with overlaps, give the chain and digest of the whole.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldStream } from '../../../src/network/jobs/held-stream.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { startStreamChain } from '../../../src/protocol/stream-chain.js';

const JOB = '01J00000000000000000000000';
const REQUEST = digestOf('offer');
const held = (): HeldStream => new HeldStream(JOB, 1, REQUEST);

test('any batching with any overlap holds the same stream, and yields each chunk once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 200 }),
      fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 40 })), { maxLength: 20 }),
      (chunks, batches) => {
        const stream = held();
        const fresh: string[] = [];
        for (const [back, size] of [...batches, [0, chunks.length] as const]) {
          const from = Math.max(0, stream.length - back);
          const taken = stream.take(from, chunks.slice(from, from + size));
          if (taken.kind !== 'fresh') throw new Error(taken.kind);
          fresh.push(...taken.chunks);
        }
        const chain = startStreamChain(JOB, 1, REQUEST);
        for (const chunk of chunks) chain.append(chunk);
        expect(fresh).toEqual(chunks);
        expect([stream.head, stream.length]).toEqual([chain.head, chain.length]);
        const text = chunks.map((one) => `${one}\n`).join('');
        expect([stream.outputDigest, stream.bytes]).toEqual([digestOf(text), Buffer.byteLength(text)]);
      },
    ),
    { numRuns: 50, seed: 1 },
  );
});

test('takes nothing of a gap or a fork', () => {
  const stream = held();
  stream.take(0, ['a', 'b']);
  expect(stream.take(3, ['d'])).toEqual({ kind: 'gap', expected: 2 });
  expect(stream.take(1, ['x', 'c'])).toEqual({ kind: 'fork' });
  expect(stream.length).toBe(2);
});

test('knows whether it continues another stream', () => {
  const [short, long, other] = [held(), held(), held()];
  short.take(0, ['a']);
  long.take(0, ['a', 'b']);
  other.take(0, ['x', 'b']);
  expect([long.extends(short), short.extends(long), other.extends(short)]).toEqual([true, false, false]);
});

test('remembers the chunk that reports usage, not those that carry null', () => {
  const stream = held();
  stream.take(0, [
    '{"usage":null}',
    '{"usage": {"prompt_tokens":1}}',
    '{"text":"\\"usage\\":{"}',
    '{"usage":null}',
  ]);
  expect(stream.usageChunk).toBe('{"usage": {"prompt_tokens":1}}');
});
