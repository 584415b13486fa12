import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFrom } from '../../../src/runtimes/simulator/random.js';
import { TextGenerator } from '../../../src/runtimes/simulator/text-generator.js';
import {
  decode,
  END_TOKEN,
  encode,
  tokenText,
  VOCABULARY,
} from '../../../src/runtimes/simulator/tokenizer.js';

describe('the tokenizer', () => {
  test('gives back every well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const wellFormed = Buffer.from(text, 'utf8').toString('utf8');
        expect(decode(encode(text))).toBe(wellFormed);
      }),
    );
  });

  test('gives back prose, whatever its words are', () => {
    const prose = fc
      .array(
        fc.oneof(fc.constantFrom('the', 'river', 'The', 'zyx', '42', 'élan', '漢字', '🙂', ',', '\n\n')),
        { maxLength: 40 },
      )
      .map((parts) => parts.join(' '));
    fc.assert(
      fc.property(prose, (text) => {
        expect(decode(encode(text))).toBe(text);
      }),
    );
  });

  test('turns a lone surrogate into the replacement character', () => {
    expect(decode(encode('a\ud800b'))).toBe('a\ufffdb');
  });

  test('makes ids of its own vocabulary only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(encode(text).every((id) => id >= 2 && id < VOCABULARY)).toBe(true);
      }),
    );
  });

  test('takes a common word as one token', () => {
    expect(encode('The river keeps a quiet garden.').map(tokenText)).toEqual([
      'The',
      ' river',
      ' keeps',
      ' a',
      ' quiet',
      ' garden',
      '.',
    ]);
  });

  test('takes time in proportion to a text without spaces', () => {
    const text = 'q'.repeat(500_000);
    const started = performance.now();
    expect(decode(encode(text))).toBe(text);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('the text generator', () => {
  test('makes tokens that its text tokenises to again', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const generator = new TextGenerator(randomFrom(seed));
        const ids: number[] = [];
        for (let id = generator.next(true); id !== END_TOKEN; id = generator.next(true)) ids.push(id);
        expect(encode(decode(ids))).toEqual(ids);
      }),
      { numRuns: 50 },
    );
  });

  test('writes sentences that begin with a capital and end with a full stop', () => {
    const generator = new TextGenerator(randomFrom('sentences'));
    const ids: number[] = [];
    for (let id = generator.next(true); id !== END_TOKEN; id = generator.next(true)) ids.push(id);
    const text = decode(ids);
    expect(text).toMatch(/^([A-Z][a-z]*[a-z ,]+\.\s{0,2})+$/);
    expect(text.split('.').length).toBeGreaterThan(2);
  });

  test('goes on for ever where it may not end', () => {
    const generator = new TextGenerator(randomFrom('endless'));
    const ids = Array.from({ length: 5_000 }, () => generator.next(false));
    expect(ids).not.toContain(END_TOKEN);
  });
});
