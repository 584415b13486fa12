// Frames, valid and broken.
import { digestOf } from '../../src/protocol/digest.js';
import { encodeFrame, type FrameHeader } from '../../src/protocol/frame.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { SESSION, TIME_MS } from './samples.js';
import type { Vector, VectorFile } from './vector-file.js';

const BODY = '{"job":"01JGFJJZ00TESTTESTTESTTEST","attempt":1,"reason":"client_gone"}';
const HEADER: FrameHeader = { t: 'job.cancel', n: 3, ts: TIME_MS, bd: digestOf(BODY), s: SESSION };

const hex = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('hex');
const raw = (header: object | string, body = BODY): string =>
  hex(`${typeof header === 'string' ? header : JSON.stringify(header)}\n${body}`);

const valid = (name: string, about: string, header: FrameHeader, body: string): Vector => ({
  name,
  about,
  max_body_bytes: 1024,
  frame_hex: hex(encodeFrame(header, body)),
  header,
  body,
});
const refused = (name: string, about: string, frameHex: string, refusal: string): Vector => ({
  name,
  about,
  max_body_bytes: 1024,
  frame_hex: frameHex,
  refusal,
});

const padded = (length: number): string => {
  const bare = JSON.stringify({ ...HEADER, pad: '' });
  return JSON.stringify({ ...HEADER, pad: 'x'.repeat(length - bare.length) });
};

export const frameVectors: VectorFile = {
  about:
    'A frame is one line of JSON header, a line feed, and the body. frame_hex holds all its bytes. Check in this order: ' +
    `header line within ${LIMITS.headerBytes} bytes, size of the body (max_body_bytes here), header as JSON of the right ` +
    'shape, SHA-256 of the body equal to bd. Unknown header fields are ignored. The body is not parsed here.',
  vectors: [
    valid('plain', 'A message inside a session, without a signature.', HEADER, BODY),
    valid(
      'empty-body',
      'The body may be empty; its digest is that of nothing.',
      { ...HEADER, bd: digestOf('') },
      '',
    ),
    valid(
      'line-feeds-in-body',
      'Only the first line feed separates.',
      { ...HEADER, bd: digestOf('\n\n') },
      '\n\n',
    ),
    valid(
      'all-fields',
      'Every header field there is.',
      { ...HEADER, r: 2, crit: true, sig: [`0x${'1'.repeat(128)}1b`] },
      BODY,
    ),
    {
      name: 'unknown-field',
      about: 'A field of a later version is ignored.',
      max_body_bytes: 1024,
      frame_hex: raw({ ...HEADER, later: 1 }),
      header: HEADER,
      body: BODY,
    },
    {
      name: 'header-at-limit',
      about: `A header line of exactly ${LIMITS.headerBytes} bytes.`,
      max_body_bytes: 1024,
      frame_hex: raw(padded(LIMITS.headerBytes)),
      header: HEADER,
      body: BODY,
    },
    refused('header-beyond-limit', 'One byte more.', raw(padded(LIMITS.headerBytes + 1)), 'malformed'),
    refused('no-line-feed', 'A header without an end.', hex(JSON.stringify(HEADER)), 'malformed'),
    refused('nothing', 'No bytes at all.', '', 'malformed'),
    refused('not-json', 'The header is not JSON.', raw('{t:1}'), 'malformed'),
    refused(
      'byte-order-mark',
      'UTF-8 has no byte order mark here.',
      raw(`\uFEFF${JSON.stringify(HEADER)}`),
      'malformed',
    ),
    refused(
      'bad-utf8',
      'The header is not UTF-8.',
      `${hex('{"t":"')}c328${hex(`","n":0}\n${BODY}`)}`,
      'malformed',
    ),
    refused('negative-sequence', 'n is 0 or more.', raw({ ...HEADER, n: -1 }), 'malformed'),
    refused('sequence-beyond-2-53', 'n is at most 2^53-1.', raw({ ...HEADER, n: 2 ** 53 }), 'malformed'),
    refused('fractional-time', 'ts is an integer.', raw({ ...HEADER, ts: 0.5 }), 'malformed'),
    refused(
      'upper-case-digest',
      'Digests are lower-case hex.',
      raw({ ...HEADER, bd: HEADER.bd.toUpperCase() }),
      'malformed',
    ),
    refused('body-changed', 'The body is not the one bd names.', raw(HEADER, `${BODY} `), 'digest_mismatch'),
    refused('body-truncated', 'One byte is missing.', raw(HEADER, BODY.slice(0, -1)), 'digest_mismatch'),
    refused(
      'body-too-large',
      'Size is judged before digest and header: this header is not even JSON.',
      raw('x', 'x'.repeat(1025)),
      'too_large',
    ),
    refused('too-deep', 'A header nests at most 4 levels.', raw({ ...HEADER, x: [[[[]]]] }), 'too_large'),
  ],
};
