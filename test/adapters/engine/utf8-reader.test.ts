import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Utf8Reader } from '../../../src/adapters/engine/utf8-reader.js';

test('gives the same text for every way to cut it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.integer({ min: 1, max: 5 })), (text, cuts) => {
      const reader = new Utf8Reader();
      const bytes = Buffer.from(text);
      let read = '';
      let at = 0;
      for (const length of [...cuts, bytes.length]) {
        read += reader.read(bytes.subarray(at, at + length));
        at += length;
      }
      expect(read).toBe(text);
      expect(reader.unfinished).toBe(false);
    }),
  );
});

test('agrees with a strict decoder about every byte sequence', () => {
  const strictly = (bytes: Buffer): string | undefined => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return undefined;
    }
  };
  const byParts = (bytes: Buffer): string | undefined => {
    const reader = new Utf8Reader();
    try {
      let text = '';
      for (const byte of bytes) text += reader.read(Buffer.of(byte));
      return reader.unfinished ? undefined : text;
    } catch {
      return undefined;
    }
  };
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x80, 0xbf, 0xc2, 0xe2, 0xed, 0xf0, 0xf4),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 6 }), (bytes) => {
      expect(byParts(Buffer.from(bytes))).toBe(strictly(Buffer.from(bytes)));
    }),
    { numRuns: 2000 },
  );
});
