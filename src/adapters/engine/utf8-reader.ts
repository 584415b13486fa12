// Bytes to text across chunk borders, strictly: a wrong byte is an error, not U+FFFD. `isUtf8` plus `toString`
// costs a fraction of a fatal streaming TextDecoder, and this runs for every token.
import { isUtf8 } from 'node:buffer';
import { OutputMalformedError } from './engine-errors.js';

const EMPTY = Buffer.alloc(0);

export class Utf8Reader {
  #rest: Buffer = EMPTY;

  /**
   * Text of all complete characters so far; up to three bytes are kept for the next call.
   * @throws OutputMalformedError not UTF-8
   */
  read(chunk: Buffer): string {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = bytes.length - incompleteTail(bytes);
    this.#rest = whole === bytes.length ? EMPTY : Buffer.from(bytes.subarray(whole));
    const complete = whole === bytes.length ? bytes : bytes.subarray(0, whole);
    if (!isUtf8(complete)) throw new OutputMalformedError('the engine sent bytes that are not UTF-8');
    return complete.toString('utf8');
  }

  /** True while the last character is unfinished. */
  get unfinished(): boolean {
    return this.#rest.length > 0;
  }
}

/** How many bytes at the end begin a character that needs more bytes than there are: 0..3. */
const incompleteTail = (bytes: Buffer): number => {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
};
