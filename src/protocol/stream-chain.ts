// The hash chain over a stream's chunks. It does not depend on how chunks were batched into frames, so a resumed or
// re-batched stream has the same head.
import { sha256 } from './digest.js';
import type { Bytes32, Digest } from './primitives.js';

const TAG = 'resultity.stream.v1';

export interface StreamChain {
  /** Number of chunks so far: the index of the next one. */
  readonly length: number;
  readonly head: Bytes32;
  /** Appends one chunk: head' = SHA-256(head ‖ length as uint32 big-endian ‖ UTF-8 bytes). */
  append(chunk: string): void;
}

/** A chain that starts at SHA-256(tag ‖ job ‖ LF ‖ attempt ‖ LF ‖ request digest). */
export const startStreamChain = (job: string, attempt: number, requestDigest: Digest): StreamChain => {
  let head: Uint8Array = sha256(`${TAG}${job}\n${attempt}\n${requestDigest}`);
  let length = 0;
  const size = Buffer.alloc(4);
  return {
    get length() {
      return length;
    },
    get head() {
      return `0x${Buffer.from(head).toString('hex')}`;
    },
    append(chunk) {
      const bytes = Buffer.from(chunk);
      size.writeUInt32BE(bytes.length);
      head = sha256(head, size, bytes);
      length++;
    },
  };
};
