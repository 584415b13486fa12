import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JOB } from '../../scripts/vectors/samples.js';
import { digestOf } from '../../src/protocol/digest.js';
import { startStreamChain } from '../../src/protocol/stream-chain.js';

const REQUEST = digestOf('request');
const text = fc.string({ unit: 'grapheme', maxLength: 30 });

const headOf = (chunks: readonly string[]): string => {
  const chain = startStreamChain(JOB, 1, REQUEST);
  for (const chunk of chunks) chain.append(chunk);
  return chain.head;
};

/** The same chain from its written definition, on bytes. */
const byTheBook = (chunks: readonly string[]): string => {
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
  let head = hash(Buffer.from(`resultity.stream.v1${JOB}\n1\n${REQUEST}`));
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(bytes.length);
    head = hash(Buffer.concat([head, size, bytes]));
  }
  return `0x${head.toString('hex')}`;
};

test('is what its definition says', () => {
  fc.assert(fc.property(fc.array(text, { maxLength: 20 }), (chunks) => headOf(chunks) === byTheBook(chunks)));
});

test('does not depend on how chunks were batched into frames', () => {
  const batched = fc.array(fc.array(text, { maxLength: 5 }), { maxLength: 8 });
  fc.assert(
    fc.property(batched, (batches) => {
      const chain = startStreamChain(JOB, 1, REQUEST);
      for (const batch of batches) for (const chunk of batch) chain.append(chunk);
      expect(chain.head).toBe(headOf(batches.flat()));
      expect(chain.length).toBe(batches.flat().length);
    }),
  );
});

test('knows every boundary, order and repetition of chunks', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), fc.array(text, { maxLength: 6 }), (one, other) => {
      const same = one.length === other.length && one.every((chunk, at) => chunk === other[at]);
      expect(headOf(one) === headOf(other)).toBe(same);
    }),
  );
  const heads = [[], [''], ['', ''], ['ab'], ['a', 'b'], ['b', 'a'], ['a', 'b', '']].map(headOf);
  expect(new Set(heads).size).toBe(heads.length);
});

test('begins elsewhere for every job, attempt and request', () => {
  const starts = [
    startStreamChain(JOB, 1, REQUEST),
    startStreamChain('01JGFJJZ00TESTTESTTESTTESV', 1, REQUEST),
    startStreamChain(JOB, 2, REQUEST),
    startStreamChain(JOB, 12, REQUEST),
    startStreamChain(JOB, 1, digestOf('another')),
  ].map(({ head }) => head);
  expect(new Set(starts).size).toBe(starts.length);
});

test('a head that was read does not change when the chain goes on', () => {
  const chain = startStreamChain(JOB, 1, REQUEST);
  const before = chain.head;
  chain.append('x');
  expect(before).toBe(headOf([]));
  expect(chain.head).toBe(headOf(['x']));
});
