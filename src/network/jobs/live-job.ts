// A job that is not over, in memory: its record, and what only the running process needs.
import type { JobEnd } from '../desk/job-desk.js';
import { EventChannel } from './event-channel.js';
import type { HeldStream } from './held-stream.js';
import type { JobRecord } from './job-record.js';

export interface LiveJob {
  /** The newest state; what is on disk follows it, see {@link durable}. */
  record: JobRecord;
  readonly request: Record<string, unknown>;
  readonly channel: EventChannel;
  /** Resolves once the end is on disk. */
  readonly ended: Promise<JobEnd>;
  readonly conclude: (end: JobEnd) => void;
  /** Resolves when everything written so far is on disk; never if the store failed. */
  durable: Promise<void>;
  /** Writes not yet on disk. */
  unsettled: number;
  /** The stream of the attempt in force. */
  held: HeldStream | undefined;
  /** The node was told once that deltas are missing. */
  gapTold: boolean;
  hasStarted: boolean;
  /** Body of the answer, from the moment it is accepted until it can be read from disk. */
  output: string | undefined;
  /** Read back from disk, and its node has not been heard of since. */
  isRecovered: boolean;
  /** Last sign of life of the attempt in force, ms. */
  lastSignMs: number;
  /** Nodes to leave out, until when (ms). */
  readonly avoid: Map<string, number>;
}

export const createLiveJob = (
  record: JobRecord,
  request: Record<string, unknown>,
  nowMs: number,
): LiveJob => {
  let conclude: (end: JobEnd) => void = () => {};
  const ended = new Promise<JobEnd>((resolve) => {
    conclude = resolve;
  });
  return {
    record,
    request,
    channel: new EventChannel(),
    ended,
    conclude,
    durable: Promise.resolve(),
    unsettled: 0,
    held: undefined,
    gapTold: false,
    hasStarted: false,
    output: undefined,
    isRecovered: false,
    lastSignMs: nowMs,
    avoid: new Map(),
  };
};
