// What the network holds of a stream while it passes: not its text but its chain, its digest, and a mark per chunk,
// enough to tell an overlap from a fork and to verify the receipt. 32 bytes per chunk whatever the chunk's size.
import { createHash } from 'node:crypto';
import { sha256 } from '../../protocol/digest.js';
import type { Bytes32, Digest } from '../../protocol/primitives.js';
import { startStreamChain } from '../../protocol/stream-chain.js';

export type Taken =
  | { readonly kind: 'fresh'; readonly chunks: readonly string[] }
  | { readonly kind: 'gap'; readonly expected: number }
  | { readonly kind: 'fork' };

const MARK_BYTES = 32;
/** A chunk that reports usage; `"usage":null`, which engines repeat in every chunk, does not. */
const REPORTS_USAGE = /"usage"\s*:\s*\{/;

export class HeldStream {
  readonly #chain;
  readonly #output = createHash('sha256');
  #marks: Buffer = Buffer.alloc(64 * MARK_BYTES);
  #bytes = 0;
  #usageChunk: string | undefined;

  constructor(job: string, attempt: number, requestDigest: Digest) {
    this.#chain = startStreamChain(job, attempt, requestDigest);
  }

  /** Chunks held: the index of the next one. */
  get length(): number {
    return this.#chain.length;
  }
  get head(): Bytes32 {
    return this.#chain.head;
  }
  /** UTF-8 bytes of all chunks, the line feed after each included. */
  get bytes(): number {
    return this.#bytes;
  }
  /** SHA-256 over each chunk followed by LF. */
  get outputDigest(): Digest {
    return `sha256:${this.#output.copy().digest('hex')}`;
  }
  /** The last chunk that reported usage. */
  get usageChunk(): string | undefined {
    return this.#usageChunk;
  }

  /**
   * Takes chunks that begin at index `i`. Chunks already held must be identical and are skipped.
   * Nothing is taken on a gap or a fork.
   */
  take(i: number, chunks: readonly string[]): Taken {
    if (i > this.length) return { kind: 'gap', expected: this.length };
    const known = Math.min(this.length - i, chunks.length);
    for (let at = 0; at < known; at++) {
      if (!sha256(chunks[at] ?? '').equals(this.#mark(i + at))) return { kind: 'fork' };
    }
    const fresh = chunks.slice(known);
    for (const chunk of fresh) this.#append(chunk);
    return { kind: 'fresh', chunks: fresh };
  }

  /** Whether this stream begins with everything the other one holds. */
  extends(other: HeldStream): boolean {
    return (
      other.length <= this.length &&
      this.#marks
        .subarray(0, other.length * MARK_BYTES)
        .equals(other.#marks.subarray(0, other.length * MARK_BYTES))
    );
  }

  #mark(index: number): Buffer {
    return this.#marks.subarray(index * MARK_BYTES, (index + 1) * MARK_BYTES);
  }

  #append(chunk: string): void {
    const at = this.length * MARK_BYTES;
    if (at + MARK_BYTES > this.#marks.length) {
      this.#marks = Buffer.concat([this.#marks, Buffer.alloc(this.#marks.length)]);
    }
    sha256(chunk).copy(this.#marks, at);
    this.#chain.append(chunk);
    this.#output.update(chunk).update('\n');
    this.#bytes += Buffer.byteLength(chunk) + 1;
    if (REPORTS_USAGE.test(chunk)) this.#usageChunk = chunk;
  }
}
