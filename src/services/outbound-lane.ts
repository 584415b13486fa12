// The one way out to the network. Control messages go at once; the deltas of all streams leave together, one frame per
// turn of the event loop, and a stream that outruns the link makes its reader wait.

import type { NetworkSocket } from '../adapters/network-socket/network-sockets.js';
import { LIMITS } from '../protocol/limits.js';
import { encodeMessage, type SignedFacts } from '../protocol/message-codec.js';
import type { MessageBody } from '../protocol/messages/catalogue.js';
import type { JobDelta } from '../protocol/messages/jobs.js';
import type { Bytes32, SignatureHex } from '../protocol/primitives.js';
import { LinkDownError } from './service-errors.js';

/** Message kinds a node sends inside a session; deltas have a way of their own. */
export type OutboundType =
  | 'heartbeat'
  | 'capacity'
  | 'config.applied'
  | 'job.accept'
  | 'job.decline'
  | 'result'
  | 'admin.result'
  | 'error'
  | 'goodbye';

export interface OutboundSession {
  readonly socket: NetworkSocket;
  readonly session: Bytes32;
  /** Sequence number of the first frame. */
  readonly firstSeq: number;
  readonly sign: (facts: SignedFacts) => SignatureHex;
}

export interface OutboundLane {
  /** The session in force; undefined while offline. */
  readonly session: Bytes32 | undefined;
  /** @throws LinkDownError, ProtocolError when the body is too large */
  send<T extends OutboundType>(type: T, body: MessageBody<T>): void;
  /**
   * Queues one chunk of a stream. Offline it is dropped: the journal has it and the result will bring it.
   * @param index of the chunk within its attempt
   * @returns a promise when the link cannot keep up; wait for it before reading on
   */
  delta(job: string, attempt: number, index: number, chunk: string): Promise<void> | undefined;
  attach(session: OutboundSession): void;
  detach(): void;
  /** Sends queued deltas now; a result must not overtake its own stream. */
  flush(): void;
  /** Calls back in a later turn, once the link keeps up or there is none: for what need not be sent at once. */
  whenClear(then: () => void): void;
}

/** Bytes queued in the socket above which readers wait, and below which they go on. */
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 256 * 1024;
/** Room for the JSON around the chunks of one attempt, and around the batch. */
const ENTRY_OVERHEAD_BYTES = 128;
/** Bounds of the schema of `job.delta`. */
const MAX_ENTRIES = 2048;
const MAX_CHUNKS = 4096;

/** Bytes of a chunk inside JSON, comma included: quotes, control characters and non-Latin text grow on the way. */
const sizeInFrame = (chunk: string): number => Buffer.byteLength(JSON.stringify(chunk)) + 1;

/** Whether a chunk can leave in a delta at all; one that cannot travels in the result. */
export const fitsInDelta = (chunk: string): boolean =>
  6 * chunk.length < LIMITS.deltaBytes / 2 ||
  sizeInFrame(chunk) + 2 * ENTRY_OVERHEAD_BYTES <= LIMITS.deltaBytes;

interface Pending {
  readonly job: string;
  readonly attempt: number;
  readonly i: number;
  readonly chunks: string[];
}

/** @param nowMs the frame's time; @param soon runs its argument after the current turn of the event loop */
export const createOutboundLane = (
  nowMs: () => number,
  soon: (then: () => void) => void = setImmediate,
): OutboundLane => {
  let link: (OutboundSession & { seq: number }) | undefined;
  const pending = new Map<string, Pending>();
  let isFlushDue = false;
  let drained: Promise<void> | undefined;

  const transmit = <T extends OutboundType | 'job.delta'>(type: T, body: MessageBody<T>): void => {
    if (link === undefined) throw new LinkDownError('there is no session with the network');
    const { session, sign, socket } = link;
    const bytes = encodeMessage({ type, body, seq: link.seq, timeMs: nowMs(), session }, sign);
    link.seq++; // only now: a message too large to encode must leave no gap
    socket.send(bytes);
  };

  const flush = (): void => {
    isFlushDue = false;
    if (pending.size === 0) return;
    let batch: JobDelta['batch'] = [];
    let bytes = ENTRY_OVERHEAD_BYTES;
    const sendBatch = (): void => {
      if (batch.length > 0 && link !== undefined) transmit('job.delta', { batch });
      batch = [];
      bytes = ENTRY_OVERHEAD_BYTES;
    };
    for (const { job, attempt, i, chunks } of pending.values()) {
      let entry: JobDelta['batch'][number] | undefined;
      for (const [at, chunk] of chunks.entries()) {
        const size = sizeInFrame(chunk);
        const needed = entry === undefined ? size + ENTRY_OVERHEAD_BYTES : size;
        if (bytes + needed > LIMITS.deltaBytes || batch.length >= MAX_ENTRIES) {
          sendBatch();
          entry = undefined;
        }
        if (entry === undefined || entry.chunks.length >= MAX_CHUNKS) {
          entry = { job, attempt, i: i + at, chunks: [] };
          batch.push(entry);
          bytes += ENTRY_OVERHEAD_BYTES;
        }
        entry.chunks.push(chunk);
        bytes += size;
      }
    }
    pending.clear();
    sendBatch();
  };

  return {
    get session() {
      return link?.session;
    },
    send: (type, body) => {
      flush();
      transmit(type, body);
    },
    delta: (job, attempt, index, chunk) => {
      if (link === undefined) return undefined;
      const key = `${job}:${attempt}`;
      const queued = pending.get(key);
      if (queued === undefined) pending.set(key, { job, attempt, i: index, chunks: [chunk] });
      else queued.chunks.push(chunk);
      if (!isFlushDue) {
        isFlushDue = true;
        soon(flush);
      }
      const { socket } = link;
      if (socket.bufferedBytes < HIGH_WATER_BYTES) return undefined;
      drained ??= new Promise((resolve) => {
        socket.whenBelow(LOW_WATER_BYTES, () => {
          drained = undefined;
          resolve();
        });
      });
      return drained;
    },
    attach: (session) => {
      pending.clear();
      link = { ...session, seq: session.firstSeq };
    },
    detach: () => {
      link = undefined;
      pending.clear();
    },
    flush,
    whenClear: (then) => {
      if (link === undefined) soon(then);
      else link.socket.whenBelow(LOW_WATER_BYTES, () => soon(then));
    },
  };
};
