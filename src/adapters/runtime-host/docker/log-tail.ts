// The last lines of a container's log. The engine sends frames of eight bytes' head, the third stream apart from the
// second; what an engine prints need not be text.

const HEAD_BYTES = 8;
const MOST_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

interface Frame {
  /** 1: standard output; 2: standard error. */
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** A frame cut off at the end gives what is there of it. */
function* framesOf(log: Uint8Array): Generator<Frame> {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  for (let at = 0; at + HEAD_BYTES <= log.byteLength; ) {
    const start = at + HEAD_BYTES;
    const end = Math.min(start + view.getUint32(at + 4), log.byteLength);
    yield { stream: view.getUint8(at), payload: log.subarray(start, end) };
    at = end;
  }
}

/** Lines in the order of their ends; a line of one stream may come in several frames, between those of the other. */
const bytesOfLines = (log: Uint8Array): readonly Uint8Array[] => {
  const open = new Map<number, Uint8Array[]>();
  const lines: Uint8Array[] = [];
  for (const { stream, payload } of framesOf(log)) {
    let from = 0;
    for (let end = payload.indexOf(NEWLINE); end >= 0; end = payload.indexOf(NEWLINE, from)) {
      lines.push(Buffer.concat([...(open.get(stream) ?? []), payload.subarray(from, end)]));
      open.delete(stream);
      from = end + 1;
    }
    if (from < payload.length) open.set(stream, [...(open.get(stream) ?? []), payload.subarray(from)]);
  }
  return [...lines, ...[...open.values()].map((pieces) => Buffer.concat(pieces))];
};

/**
 * @param log frames of both streams
 * @returns the last lines, oldest first, at most 64 KiB of them; the end of one that is longer
 */
export const lastLines = (log: Uint8Array, count: number): readonly string[] => {
  const decoder = new TextDecoder(); // what is no UTF-8 becomes U+FFFD
  const kept: string[] = [];
  let room = MOST_BYTES;
  for (const bytes of bytesOfLines(log).toReversed()) {
    if (kept.length === count || room <= 0) break;
    // Replacement takes three bytes for one at worst; room is counted in the log's own.
    kept.push(decoder.decode(bytes.subarray(Math.max(0, bytes.length - room))).replace(/\r$/, ''));
    room -= bytes.length + 1;
  }
  return kept.toReversed();
};
