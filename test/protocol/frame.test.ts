import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NETWORK, NODE, SESSION, TIME_MS } from '../../scripts/vectors/samples.js';
import { digestOf } from '../../src/protocol/digest.js';
import { decodeFrame, encodeFrame, type FrameHeader } from '../../src/protocol/frame.js';
import { signAsNode } from '../../src/protocol/handshake.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { signedFacts } from '../../src/protocol/message-codec.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import { refusalOf } from './refusal.js';

const BODY = '{"a":1}';
const header: FrameHeader = { t: 'capacity', n: 3, ts: TIME_MS, bd: digestOf(BODY), s: SESSION };
const decode = (bytes: Uint8Array | string) => decodeFrame(Buffer.from(bytes), 1024);

const headers: fc.Arbitrary<Omit<FrameHeader, 'bd'>> = fc.record(
  {
    t: fc.stringMatching(/^[a-z][a-z0-9_.-]{0,63}$/),
    n: fc.maxSafeNat(),
    ts: fc.maxSafeNat(),
    s: fc.constant(SESSION),
    r: fc.maxSafeNat(),
    sig: fc.array(fc.stringMatching(/^0x[0-9a-f]{130}$/), { minLength: 1, maxLength: 16 }),
    crit: fc.boolean(),
  },
  { requiredKeys: ['t', 'n', 'ts'], noNullPrototype: true },
);

test('gives back header and body of what it encoded, whatever bytes the body holds', () => {
  fc.assert(
    fc.property(headers, fc.uint8Array({ maxLength: 512 }), (fields, body) => {
      const full: FrameHeader = { ...fields, bd: digestOf(body) };
      const frame = decodeFrame(encodeFrame(full, body), 512);
      expect(frame.header).toEqual(full);
      expect(Buffer.from(frame.body).equals(body)).toBe(true);
    }),
  );
});

test('separates header and body at the first line feed; the body may hold more, or nothing', () => {
  const body = '\n\n{}\n';
  const frame = decode(encodeFrame({ ...header, bd: digestOf(body) }, body));
  expect(Buffer.from(frame.body).toString()).toBe(body);
  expect(decode(encodeFrame({ ...header, bd: digestOf('') }, '')).body).toHaveLength(0);
});

test('refuses every truncation', () => {
  const whole = encodeFrame(header, BODY);
  for (let length = 0; length < whole.length; length++) {
    expect(refusalOf(() => decode(whole.subarray(0, length)))).toMatch(/^(?:malformed|digest_mismatch)$/);
  }
});

test('accepts no changed byte silently: refused, or another value under the signature', () => {
  const facts = signedFacts(header);
  const whole = encodeFrame({ ...header, sig: [signAsNode(NETWORK, NODE)(facts)] }, BODY);
  const { header: before } = decode(whole);
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      // A refusal that is not the protocol's own fails here.
      if (refusalOf(() => decode(bytes)) === 'accepted') expect(decode(bytes).header).not.toEqual(before);
    }),
    { numRuns: 2_000 },
  );
});

test('refuses a header line of more than its limit without looking for its end', () => {
  const line = (length: number): string => {
    const empty = JSON.stringify({ ...header, pad: '' });
    return `${JSON.stringify({ ...header, pad: 'x'.repeat(length - empty.length) })}\n${BODY}`;
  };
  expect(decode(line(LIMITS.headerBytes)).header).toEqual(header);
  expect(refusalOf(() => decode(line(LIMITS.headerBytes + 1)))).toBe('malformed');
});

test('looks at sizes before it parses anything', () => {
  const notJson = Buffer.concat([Buffer.from('not json\n'), Buffer.alloc(1025)]);
  expect(refusalOf(() => decode(notJson))).toBe('too_large');
  expect(refusalOf(() => decode(notJson.subarray(0, -1)))).toBe('malformed');
});

test.each([
  [
    'a body under another digest',
    `${JSON.stringify({ ...header, bd: digestOf('{"a":2}') })}\n${BODY}`,
    'digest_mismatch',
  ],
  [
    'CR LF after the header: the CR is white space, the body is the same',
    `${JSON.stringify(header)}\r\n${BODY}`,
    'accepted',
  ],
  ['a byte order mark', `\uFEFF${JSON.stringify(header)}\n${BODY}`, 'malformed'],
  ['an array as header', `[]\n${BODY}`, 'malformed'],
  ['an empty header', `\n${BODY}`, 'malformed'],
  ['a negative sequence', `${JSON.stringify({ ...header, n: -1 })}\n${BODY}`, 'malformed'],
  ['a fractional time', `${JSON.stringify({ ...header, ts: 1.5 })}\n${BODY}`, 'malformed'],
  ['a sequence JSON cannot carry', `${JSON.stringify({ ...header, n: 2 ** 53 })}\n${BODY}`, 'malformed'],
  ['a number as text', `${JSON.stringify({ ...header, n: '3' })}\n${BODY}`, 'malformed'],
  ['upper case in the type', `${JSON.stringify({ ...header, t: 'Capacity' })}\n${BODY}`, 'malformed'],
  [
    'upper case in the digest',
    `${JSON.stringify({ ...header, bd: header.bd.toUpperCase() })}\n${BODY}`,
    'malformed',
  ],
  ['an empty list of signatures', `${JSON.stringify({ ...header, sig: [] })}\n${BODY}`, 'malformed'],
  [
    'seventeen signatures',
    `${JSON.stringify({ ...header, sig: Array(17).fill(`0x${'1'.repeat(130)}`) })}\n${BODY}`,
    'malformed',
  ],
  ['an address for a session', `${JSON.stringify({ ...header, s: ZERO_ADDRESS })}\n${BODY}`, 'malformed'],
  ['a header five levels deep', `${JSON.stringify({ ...header, x: [[[[1]]]] })}\n${BODY}`, 'too_large'],
])('judges %s', (_, bytes, verdict) => {
  expect(refusalOf(() => decode(bytes))).toBe(verdict);
});

test('ignores header fields it does not know', () => {
  expect(decode(`${JSON.stringify({ ...header, later: { a: 1 } })}\n${BODY}`).header).toEqual(header);
});
