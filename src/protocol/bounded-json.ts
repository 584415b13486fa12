// JSON from strangers: size, depth and number of keys are counted on the raw bytes before JSON.parse sees them.
// JSON.parse itself blocks for seconds on deep or wide input that is small enough to be received: five million empty
// arrays in 16 MiB took 1.5 s, so arrays and objects are counted as well, against the bound on keys.
import { LIMITS } from './limits.js';
import { ProtocolError } from './protocol-error.js';

export interface JsonBounds {
  readonly maxBytes: number;
  readonly maxDepth?: number;
  /** Bounds the keys, and likewise the arrays and objects. */
  readonly maxKeys?: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses JSON bytes within bounds. The result is untrusted: hand it to a schema.
 * @throws ProtocolError `too_large` (bytes, depth, keys, arrays and objects) or `malformed` (not UTF-8, not JSON)
 */
export const parseBoundedJson = (bytes: Uint8Array, bounds: JsonBounds): unknown => {
  if (bytes.length > bounds.maxBytes) {
    throw new ProtocolError(
      'too_large',
      `JSON of ${bytes.length} bytes; at most ${bounds.maxBytes} are accepted`,
    );
  }
  measure(bytes, bounds.maxDepth ?? LIMITS.jsonDepth, bounds.maxKeys ?? LIMITS.jsonKeys);
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    // The cause is dropped on purpose: V8's message quotes the input, and the input may be a prompt.
    throw new ProtocolError('malformed', 'not valid JSON in UTF-8');
  }
};

const measure = (bytes: Uint8Array, maxDepth: number, maxKeys: number): void => {
  let depth = 0;
  let keys = 0;
  let containers = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE:
        at = endOfString(bytes, at);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > maxDepth) throw new ProtocolError('too_large', `JSON nested deeper than ${maxDepth}`);
        if (++containers > maxKeys)
          throw new ProtocolError('too_large', `JSON with more than ${maxKeys} arrays and objects`);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
      case COLON:
        if (++keys > maxKeys) throw new ProtocolError('too_large', `JSON with more than ${maxKeys} keys`);
        break;
      default:
    }
  }
};

/** Index of the quote that closes the string opened at `start`; the end of the bytes if none does. */
const endOfString = (bytes: Uint8Array, start: number): number => {
  let at = start + 1;
  for (;;) {
    const end = bytes.indexOf(QUOTE, at);
    if (end === -1) return bytes.length;
    let backslashes = 0;
    while (bytes[end - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
    at = end + 1;
  }
};
